/** Makes the tables of a report sortable, and long ones searchable. A report is complete without it. */
export const PAGE_SCRIPT = `
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
for (const table of document.querySelectorAll('table')) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const valueOf = (row, at) => row.cells[at].textContent.trim();
  heads.forEach((head, at) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const sorted = [...rows].sort((one, other) => {
        const [a, b] = [valueOf(one, at), valueOf(other, at)];
        if (a === '\\u2013' || b === '\\u2013') return (a === '\\u2013') - (b === '\\u2013');
        return (down ? -1 : 1) * order.compare(a, b);
      });
      body.append(...sorted);
    });
  });
  if (rows.length < 10) continue;
  const head = table.closest('section').querySelector('.head');
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'Filter';
  input.setAttribute('aria-label', 'Filter ' + head.querySelector('h2').firstChild.textContent.trim());
  const found = document.createElement('span');
  found.className = 'only-read';
  found.setAttribute('role', 'status');
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown++;
    }
    found.textContent = wanted ? shown + ' of ' + rows.length + ' rows' : '';
  });
  head.append(input, found);
}
`;
