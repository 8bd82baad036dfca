import type { Report } from '../../src/reports/report.ts';

/** Text that would be more than text if a page did not escape it. `shown` is what a reader sees. */
export const ATTACKS: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['an end of the script', '</script><script>alert(1)</script>', '</script><script>alert(1)</script>'],
  ['an end of the style', '</style><img src=x onerror=alert(1)>', '</style><img src=x onerror=alert(1)>'],
  ['an end of the title', '</title><svg onload=alert(1)>', '</title><svg onload=alert(1)>'],
  ['an end of an attribute', '" autofocus onfocus="alert(1)', '" autofocus onfocus="alert(1)'],
  ['a single quote', "' onmouseover='alert(1)", "' onmouseover='alert(1)"],
  ['a backtick', '`onclick=alert(1)`', '`onclick=alert(1)`'],
  ['entities', '&lt;b&gt; &#60;script&#62; &amp', '&lt;b&gt; &#60;script&#62; &amp'],
  ['a comment', '<!--><script>alert(1)</script>-->', '<!--><script>alert(1)</script>-->'],
  ['CDATA', ']]><script>alert(1)</script>', ']]><script>alert(1)</script>'],
  ['a template', '{{constructor.constructor("alert(1)")()}}', '{{constructor.constructor("alert(1)")()}}'],
  ['a link', 'javascript:alert(1)', 'javascript:alert(1)'],
  ['a right-to-left override', 'admin\u202egpj.exe', 'admin\\u{202e}gpj.exe'],
  ['isolates', '\u2067abc\u2069', '\\u{2067}abc\\u{2069}'],
  ['control characters', 'a\u0000b\u0007c\u001b[31md', 'a\\u{0}b\\u{7}c\\u{1b}[31md'],
  ['invisible characters', 'a\u200bb\ufeffc\u00add', 'a\\u{200b}b\\u{feff}c\\u{ad}d'],
  ['a lone surrogate', 'a\ud83db', 'a\\u{d83d}b'],
  ['line breaks', 'one\r\ntwo\tthree\u2028four', 'one two three\\u{2028}four'],
  ['other scripts', 'Zürich 東京 🦊 مرحبا', 'Zürich 東京 🦊 مرحبا'],
];

/** A report with this text wherever a text can be. */
export function reportOf(text: string): Report {
  return {
    title: text,
    subtitle: text,
    generated_at: text,
    summary: text,
    sections: [
      { kind: 'findings', title: text, findings: [{ check: text, status: 'problem', detail: text, fix: text }] },
      {
        kind: 'table',
        title: text,
        note: text,
        columns: [
          { name: text },
          { name: text, kind: 'code' },
          { name: text, kind: 'status' },
          { name: text, kind: 'time' },
          { name: text, kind: 'number' },
        ],
        rows: [[text, text, text, text, text]],
      },
      { kind: 'timeline', title: text, note: text, events: [{ at: 0, lane: text, status: 'problem' }] },
      { kind: 'facts', title: text, facts: [[text, text]] },
    ],
  };
}
