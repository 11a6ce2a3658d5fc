/** What a field is called: the configured name, the query's legend, or what tells the series of the panel apart. */
import { formatLabels, type Field, type Frame } from '../frame';
import type { FieldConfig } from './types';

/** Fills `${__field.labels.x}`, `${__field.name}`, `${__series.name}`, `${__field.displayName}` in. */
function fillName(template: string, field: Field, frame: Frame, fallback: string): string {
  return template.replace(/\$\{__(field|series)\.([^}]+)\}|\$__cell_(\d+)/g, (whole, scope: string | undefined, path: string | undefined, cell: string | undefined) => {
    if (cell !== undefined) return String(frame.fields[Number(cell)]?.values[0] ?? '');
    if (scope === 'series') return path === 'name' ? (frame.name ?? fallback) : whole;
    if (path === undefined) return whole;
    if (path === 'name') return field.name;
    if (path === 'displayName') return fallback;
    if (path === 'labels') return formatLabels(field.labels ?? {});
    const label = /^labels(?:\.(.+)|\["(.+)"\])$/.exec(path);
    return label ? (field.labels?.[label[1] ?? label[2] ?? ''] ?? '') : whole;
  });
}

export function fieldTitle(field: Field, frame: Frame, config: FieldConfig): string {
  const plain = field.legend ?? (field.type === 'number' && field.labels && Object.keys(field.labels).length > 0 && (field.name === 'Value' || field.name === 'value') ? formatLabels(field.labels) || field.name : field.name);
  return config.displayName !== undefined ? fillName(config.displayName, field, frame, plain) : plain;
}
