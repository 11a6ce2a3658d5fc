/**
 * Which failed requests belong to a journey. An entry names the status (0: no answer at all)
 * and the path (a RegExp, of the whole path), and says why; with
 * `method` it counts for that method alone. An entry that nothing needed is a fault too, unless it is `sometimes` needed: so the
 * lists stay true.
 */
export function matcher(allowed) {
  const used = new Set();
  const excused = ({ status, method, path }) => {
    const entry = allowed.find((a) => a.status === status && (a.method === undefined || a.method === method) && new RegExp(`^(?:${a.path.source})$`).test(path));
    if (entry) used.add(entry);
    return entry !== undefined;
  };
  const unused = () => allowed.filter((a) => !a.sometimes && !used.has(a)).map((a) => `nothing answered ${a.status} at ${a.path.source} any more: take it off the list (“${a.why}”)`);
  return { excused, unused };
}
