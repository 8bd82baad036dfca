import { type compile, type JSONObject, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';
import type { Budget } from './budget.ts';
import { chargeArguments, type Reference, runFunctions } from './jmespath-functions.ts';
import { compareKeys } from './jmespath-order.ts';

/** A compiled expression. */
export type Expression = ReturnType<typeof compile>;

/**
 * Evaluates an expression within a budget. The library's own interpreter can be neither limited nor stopped. Unlike that
 * interpreter, this one reads only an object's own fields, applies `let` inside functions too, and orders strings, so that
 * dates can be compared.
 * @throws {BudgetError} if the budget is used up.
 */
export function evaluate(expression: Expression, root: JSONValue, budget: Budget): JSONValue {
  return runFunctions(budget, () => new Evaluator(root, budget).visit(expression, root, undefined));
}

/** The variables of a `let`, and the scope around it. */
interface Scope {
  variables: ReadonlyMap<string, JSONValue>;
  outer: Scope | undefined;
}

class Evaluator {
  readonly #root: JSONValue;
  readonly #budget: Budget;

  constructor(root: JSONValue, budget: Budget) {
    this.#root = root;
    this.#budget = budget;
  }

  visit(node: Expression, value: JSONValue, scope: Scope | undefined): JSONValue {
    this.#budget.spend(1);
    switch (node.type) {
      case 'Identity':
      case 'Current':
        return value;
      case 'Root':
        return this.#root;
      case 'Literal':
        return node.value;
      case 'Field':
        return isObject(value) && Object.hasOwn(value, node.name) ? (value[node.name] ?? null) : null;
      case 'Subexpression': {
        const left = this.visit(node.left, value, scope);
        return left === null ? null : this.visit(node.right, left, scope);
      }
      case 'IndexExpression':
      case 'Pipe':
        return this.visit(node.right, this.visit(node.left, value, scope), scope);
      case 'Index':
        return Array.isArray(value) ? (value.at(node.value) ?? null) : null;
      case 'Slice':
        return this.#slice(value, node.start, node.stop, node.step);
      case 'Flatten':
        return this.#flatten(this.visit(node.child, value, scope));
      case 'Projection': {
        const base = this.visit(node.left, value, scope);
        // A slice of a string is parsed as a projection over it.
        const sliced = node.left.type === 'IndexExpression' && node.left.right.type === 'Slice';
        if (sliced && typeof base === 'string') return this.visit(node.right, base, scope);
        return Array.isArray(base) ? this.#project(base, node.right, scope) : null;
      }
      case 'ValueProjection': {
        const base = this.visit(node.left, value, scope);
        return isObject(base) ? this.#project(Object.values(base), node.right, scope) : null;
      }
      case 'FilterProjection': {
        const base = this.visit(node.left, value, scope);
        return Array.isArray(base) ? this.#project(base, node.right, scope, node.condition) : null;
      }
      case 'MultiSelectList':
        return node.children.map((child) => this.visit(child, value, scope));
      case 'MultiSelectHash':
        return Object.fromEntries(node.children.map((child) => [child.name, this.visit(child.value, value, scope)]));
      case 'Comparator':
        return this.#compare(node.name, this.visit(node.left, value, scope), this.visit(node.right, value, scope));
      case 'OrExpression': {
        const left = this.visit(node.left, value, scope);
        return isFalse(left) ? this.visit(node.right, value, scope) : left;
      }
      case 'AndExpression': {
        const left = this.visit(node.left, value, scope);
        return isFalse(left) ? left : this.visit(node.right, value, scope);
      }
      case 'NotExpression':
        return isFalse(this.visit(node.child, value, scope));
      case 'Ternary':
        return this.visit(
          isFalse(this.visit(node.condition, value, scope)) ? node.falseExpr : node.trueExpr,
          value,
          scope,
        );
      case 'Arithmetic': {
        const left = numberOf(this.visit(node.left, value, scope));
        return calculate(node.operator, left, numberOf(this.visit(node.right, value, scope)));
      }
      case 'Unary': {
        const operand = numberOf(this.visit(node.operand, value, scope));
        return node.operator === 'Minus' ? -operand : operand;
      }
      case 'LetExpression': {
        const variables = node.bindings.map(({ variable, reference }) => {
          if (variable === undefined) throw new Error('let needs $name = expression');
          return [variable, this.visit(reference, value, scope)] as const;
        });
        return this.visit(node.expression, value, { variables: new Map(variables), outer: scope });
      }
      case 'Binding':
        return { [node.variable]: this.visit(node.reference, value, scope) };
      case 'Variable':
        return lookUp(node.name, scope);
      case 'Function': {
        const given = node.children.map((child) => this.visit(child, value, scope));
        chargeArguments(node.name, given, this.#budget);
        return TreeInterpreter.runtime.callFunction(node.name, given);
      }
      case 'ExpressionReference': {
        const evaluate = (one: JSONValue) => this.visit(node.child, one, scope);
        const reference: Reference = { expref: true, evaluate };
        // The library passes a reference on to the function, and only the function reads it.
        return reference as unknown as JSONValue;
      }
    }
  }

  #project(base: JSONValue[], right: Expression, scope: Scope | undefined, condition?: Expression): JSONValue[] {
    const collected: JSONValue[] = [];
    for (const element of base) {
      if (condition && isFalse(this.visit(condition, element, scope))) continue;
      const projected = this.visit(right, element, scope);
      if (projected !== null) collected.push(projected);
    }
    return collected;
  }

  #flatten(value: JSONValue): JSONValue {
    if (!Array.isArray(value)) return null;
    this.#budget.reserve(value.reduce((sum: number, one) => sum + (Array.isArray(one) ? one.length : 1), 0));
    return value.flat();
  }

  #slice(value: JSONValue, start: number | null, stop: number | null, step: number | null): JSONValue {
    if (step === 0) throw new Error('the step of a slice cannot be 0');
    if (Array.isArray(value)) return this.#everyNth(value, start, stop, step ?? 1);
    if (typeof value !== 'string') return null;
    // Each character becomes a separate string.
    this.#budget.reserve(value.length * 4);
    return this.#everyNth(Array.from(value), start, stop, step ?? 1).join('');
  }

  #everyNth<T>(list: readonly T[], start: number | null, stop: number | null, step: number): T[] {
    const first = start === null ? (step > 0 ? 0 : list.length - 1) : within(list.length, start, step);
    const end = stop === null ? (step > 0 ? list.length : -1) : within(list.length, stop, step);
    this.#budget.reserve(Math.max(0, Math.ceil((end - first) / step)));
    const taken: T[] = [];
    for (let at = first; step > 0 ? at < end : at > end; at += step) {
      const one = list[at];
      if (one !== undefined) taken.push(one);
    }
    return taken;
  }

  #compare(name: string, left: JSONValue, right: JSONValue): boolean | null {
    if (name === 'EQ') return this.#equal(left, right);
    if (name === 'NE') return !this.#equal(left, right);
    const ordered = typeof left === 'number' || typeof left === 'string';
    if (!ordered || typeof left !== typeof right) return null;
    const order = compareKeys(left, right, this.#budget);
    if (name === 'GT') return order > 0;
    if (name === 'GTE') return order >= 0;
    return name === 'LT' ? order < 0 : order <= 0;
  }

  /** Spends a step per comparison, because values can share parts and take far longer to compare than to make. */
  #equal(left: JSONValue, right: JSONValue): boolean {
    this.#budget.spend(typeof left === 'string' ? 1 + left.length / 64 : 1);
    if (left === right) return true;
    if (Array.isArray(left)) {
      if (!Array.isArray(right) || left.length !== right.length) return false;
      return left.every((one, at) => this.#equal(one, right[at] ?? null));
    }
    if (!isObject(left) || !isObject(right)) return false;
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    return names.every((name) => Object.hasOwn(right, name) && this.#equal(left[name] ?? null, right[name] ?? null));
  }
}

function isObject(value: JSONValue): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFalse(value: JSONValue): boolean {
  if (value === null || value === undefined || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const name in value) if (Object.hasOwn(value, name)) return false;
  return true;
}

function within(length: number, index: number, step: number): number {
  if (index < 0) return Math.max(index + length, step < 0 ? -1 : 0);
  return Math.min(index, step < 0 ? length - 1 : length);
}

function lookUp(name: string, scope: Scope | undefined): JSONValue {
  for (let at = scope; at; at = at.outer) {
    const found = at.variables.get(name);
    if (found !== undefined) return found;
  }
  throw new Error(`$${name} is not defined; let $${name} = … in … defines it`);
}

function numberOf(value: JSONValue): number {
  if (typeof value === 'number') return value;
  throw new Error(
    `arithmetic needs numbers, not ${value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`}`,
  );
}

function calculate(operator: string, left: number, right: number): number {
  if ((operator === 'Divide' || operator === 'Div') && right === 0) throw new Error('division by zero');
  switch (operator) {
    case 'Plus':
      return left + right;
    case 'Minus':
      return left - right;
    case 'Divide':
      return left / right;
    case 'Div':
      return Math.floor(left / right);
    case 'Modulo':
      return left % right;
    default:
      return left * right;
  }
}
