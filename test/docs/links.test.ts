import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, read, root } from './pages.ts';

const anchors = new Map(pages.map((page) => [page, anchorsIn(read(page))]));

describe.each(pages)('%s', (page) => {
  it('links only to files and headings that exist', () => {
    const broken = linksIn(read(page)).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : posix.join(posix.dirname(page), path);
      if (!existsSync(`${root}${target}`)) return true;
      return anchor !== undefined && !anchors.get(target)?.has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
    const named = [...read(page).matchAll(/\bnpm run ([\w:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});

/** The relative links of a Markdown text. */
function linksIn(markdown: string): string[] {
  const links = withoutCode(markdown).matchAll(/(?<!\\)\]\(([^)\s]+)\)/g);
  return [...links].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors of a Markdown text's headings, as GitHub generates them. */
function anchorsIn(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const all = [...withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before ? `${anchor}-${before}` : anchor;
  });
  return new Set(all);
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '');
}
