/** The table of prompts, with required arguments in bold. */
export function promptsSection(procedures) {
  const rows = procedures.map(({ name, description, arguments: fields }) => {
    const names = fields.map((field) => (field.required ? `**\`${field.name}\`**` : `\`${field.name}\``));
    return `| \`${name}\` | ${description} | ${names.join(', ')} |`;
  });
  return ['| prompt | does | arguments |', '|---|---|---|', ...rows].join('\n');
}
