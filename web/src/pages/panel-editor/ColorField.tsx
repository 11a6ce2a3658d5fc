/** A colour by name, which follows the theme, or by its figures. */
import { resolveColor } from '../../model/color/names';
import { CommitInput } from '../../ui/commit';
import { Popover } from '../../ui/popover';
import { useTheme } from '../../ui/theme';

const hues = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'];
const shades = ['dark', 'semi-dark', '', 'light', 'super-light'];
const plain = ['text', 'transparent'];
const nameOf = (shade: string, hue: string): string => (shade === '' ? hue : `${shade}-${hue}`);

export function ColorField({ label, value, onChange }: { label: string; value: string; onChange: (color: string) => void }) {
  const theme = useTheme((s) => s.theme);
  const pick = (name: string, close: () => void): void => {
    onChange(name);
    close();
  };
  return (
    <Popover
      label={`${label}: ${value || 'none'}`} triggerClass="button color-button" className="color-popover"
      trigger={<><svg width="16" height="16" aria-hidden="true"><rect width="16" height="16" rx="4" fill={value === '' ? 'none' : resolveColor(value, theme)} stroke="var(--control-line)" /></svg><span>{value || 'none'}</span></>}
    >
      {(close) => (
        <>
          <div className="color-grid">
            {hues.flatMap((hue) => shades.map((shade) => {
              const name = nameOf(shade, hue);
              return (
                <button key={name} type="button" className="color-swatch" title={name} aria-label={name} aria-pressed={name === value} onClick={() => pick(name, close)}>
                  <svg width="20" height="20" aria-hidden="true"><rect width="20" height="20" rx="10" fill={resolveColor(name, theme)} /></svg>
                </button>
              );
            }))}
          </div>
          <div className="color-other">
            {plain.map((name) => <button key={name} type="button" className="chip" onClick={() => pick(name, close)}>{name}</button>)}
            <label>Other<CommitInput keeps value={value} placeholder="#11a0bb" onCommit={(text) => text.trim() !== '' && text.trim() !== value && onChange(text.trim())} /></label>
          </div>
        </>
      )}
    </Popover>
  );
}
