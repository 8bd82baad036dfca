import type { Expression } from './jmespath-evaluator.ts';

/**
 * The fields of the items of `data` that the conditions of an expression read, each once. A misspelled field is null for every
 * item, so a condition such as data[?lastSignInAt == null] is true for all of them.
 */
export function conditionFields(tree: Expression): string[] {
  const names = new Set<string>();
  for (const node of nodesOf(tree)) {
    if (node.type !== 'FilterProjection') continue;
    if (node.left.type === 'Field' && node.left.name === 'data') addFields(node.condition, names);
  }
  return [...names];
}

/** Adds the fields that are read from the item itself, not from values inside it. */
function addFields(node: Expression, names: Set<string>): void {
  switch (node.type) {
    case 'Field':
      names.add(node.name);
      return;
    case 'Comparator':
    case 'OrExpression':
    case 'AndExpression':
    case 'Arithmetic':
      addFields(node.left, names);
      addFields(node.right, names);
      return;
    case 'Subexpression':
    case 'IndexExpression':
    case 'Pipe':
    case 'Projection':
    case 'ValueProjection':
    case 'FilterProjection':
      addFields(node.left, names);
      return;
    case 'NotExpression':
    case 'Flatten':
      addFields(node.child, names);
      return;
    case 'Function':
      for (const child of node.children) if (child.type !== 'ExpressionReference') addFields(child, names);
  }
}

/** A node and all nodes below it. The parser has limited their depth. */
function nodesOf(node: Expression): Expression[] {
  const found: Expression[] = [];
  const open: unknown[] = [node];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null) continue;
    // The tree consists of nodes, which have a type, and of lists and pairs of them.
    if ('type' in one && one.type !== 'Literal') found.push(one as Expression);
    for (const part of Object.values(one)) open.push(part);
  }
  return found;
}
