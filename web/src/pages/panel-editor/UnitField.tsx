/** Chooses a unit, each shown with what it makes of a number; any text may stand. */
import { text } from '../../model/json';
import { formatValue, joinValue } from '../../model/units/format';
import { unitTable } from '../../model/units/table';
import { Combobox } from '../../ui/combobox';

const units = [...unitTable.keys()];

export function UnitField({ label, value, onChange }: { label: string; value: unknown; onChange: (v: unknown) => void }) {
  return (
    <Combobox
      label={label} placeholder="none" value={text(value)}
      suggest={(typed) => units.filter((u) => `${u} ${joinValue(formatValue(1234.5, u))}`.toLowerCase().includes(typed.toLowerCase())).map((u) => ({ value: u, detail: joinValue(formatValue(1234.5, u, undefined, 'utc')) }))}
      onChange={(unit) => onChange(unit.trim() === '' ? undefined : unit.trim())}
    />
  );
}
