import { read } from '../docs/pages.ts';

export const SKILL = 'plugin/skills/workos/SKILL.md';

/** A tool call as the skill shows it. */
export interface SkillCall {
  tool: string;
  /** The arguments as JSON that may hold placeholders. */
  json: string;
  /** Whether `…` stands for something that the reader fills in, so that the call cannot be run unchanged. */
  shape: boolean;
}

/** A part of the skill under one heading. A reader follows its calls and commands from top to bottom. */
export interface Section {
  title: string;
  calls: SkillCall[];
  /** Scripts of one or more lines. */
  commands: string[];
}

/** Takes the calls and commands out of the skill, whether they are in a block or in a sentence. */
export function skillSections(): Section[] {
  return read(SKILL)
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .split(/^#{2,3} /m)
    .map((part) => {
      const [title = ''] = part.split('\n');
      const inline = part.replace(/^```calls\n([\s\S]*?)^```$/gm, (_, lines: string) =>
        lines.replace(/^.+$/gm, (line) => `\`${line}\``),
      );
      const spans = [...inline.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
      const scripts = [...part.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, script = '']) => script);
      // A word in capitals stands for something that the reader fills in.
      const sentences = spans.filter((code) => /^workos-mcp [^…]+$/.test(code) && !/\b[A-Z]{3,}\b/.test(code));
      return { title, calls: spans.flatMap(callIn), commands: [...scripts, ...sentences] };
    });
}

/** The words in code that look like the name of a tool or an argument. */
export function namesInSkill(): string[] {
  return [...read(SKILL).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name = '']) => name);
}

/** The arguments of a call with values in place of the skill's placeholders: times, and ids of what calls returned. */
export function filled(json: string, ids: ReadonlyMap<string, string>, now = new Date()): Record<string, unknown> {
  const text = json.replace(/<(now|\d+ days ago|[a-z_]+_id)>/g, (placeholder, name: string) => {
    const [days] = /^\d+(?= days ago$)/.exec(name) ?? (name === 'now' ? ['0'] : []);
    const value = days ? new Date(now.getTime() - Number(days) * 86_400_000).toISOString() : ids.get(name);
    if (value === undefined) throw new Error(`no call before returned what ${placeholder} stands for`);
    return value;
  });
  return JSON.parse(text);
}

function callIn(code: string): SkillCall[] {
  const [, tool, json] = /^([a-z_]+) (\{.*\})$/.exec(code) ?? [];
  return tool && json ? [{ tool, json, shape: json.includes('…') }] : [];
}
