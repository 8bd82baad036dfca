import type { ApiResponse } from './response.ts';

/** A paragraph of a page: text, or a link. */
export type Paragraph = string | { text: string; href: string };

/**
 * A plain web page.
 * @param content paragraphs, or HTML in which values have been escaped
 */
export function page(title: string, content: string | Paragraph[], status = 200): ApiResponse {
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)}</title>`;
  const body = typeof content === 'string' ? content : content.map((one) => `<p>${paragraphHtml(one)}</p>`).join('\n');
  return { status, html: `<!doctype html><html lang="en">${head}<h1>${escapeHtml(title)}</h1>${body}</html>` };
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Only http and https addresses become links, because other schemes could run scripts. */
function paragraphHtml(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return escapeHtml(paragraph);
  const { text, href } = paragraph;
  return /^https?:/i.test(href) ? `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>` : escapeHtml(text);
}
