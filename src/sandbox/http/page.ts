import type { ApiResponse } from './response.ts';

/** A paragraph of a page: text, or a link. */
export type Paragraph = string | { text: string; href: string };

/** A plain web page. Everything in it is escaped. */
export function page(title: string, paragraphs: Paragraph[], status = 200): ApiResponse {
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${escapeHtml(title)}</h1>`,
    ...paragraphs.map((paragraph) => `<p>${paragraphHtml(paragraph)}</p>`),
    '</body>',
    '</html>',
  ];
  return { status, html: `${lines.join('\n')}\n` };
}

/** A link is only made of an http address: no other can do harm in a browser. */
function paragraphHtml(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return escapeHtml(paragraph);
  const { text, href } = paragraph;
  return /^https?:/i.test(href) ? `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>` : escapeHtml(text);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
