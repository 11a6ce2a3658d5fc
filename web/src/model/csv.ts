/** CSV as RFC 4180 has it, for people who open it in a spreadsheet. */

/** A text that a spreadsheet would run as a formula is quoted with an apostrophe. Numbers go out as they are: they are no texts. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

export const csvCell = (value: string | number): string => quoted(typeof value === 'number' ? String(value) : harmless(value));

/** Lines with their ends; the first is the heading. */
export const csvText = (rows: readonly (readonly (string | number)[])[]): string => rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
