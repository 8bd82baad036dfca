import type { ApiResponse } from './response.ts';

/** A plain web page. `content` is HTML: values in it have to be escaped. */
export function page(title: string, content: string, status = 200): ApiResponse {
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)}</title>`;
  return { status, html: `<!doctype html><html lang="en">${head}<h1>${escapeHtml(title)}</h1>${content}</html>` };
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
