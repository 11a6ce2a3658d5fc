/** What every panel has: title, description, ground, links, repetition. */
import { flag, number, text } from '../../model/json';
import type { Variable } from '../../model/dashboard/types';
import { LinksField } from './lists';
import { OptionRow } from './OptionRow';
import type { PanelDraft } from './usePanelDraft';

export function PanelBasics({ panel, variables }: { panel: PanelDraft; variables: readonly Variable[] }) {
  const { json, set, remove } = panel;
  const repeat = text(json['repeat']);
  const links = json['links'];
  return (
    <>
      <OptionRow label="Title" changed={false} wide onReset={() => undefined}><input className="input" aria-label="Title" value={text(json['title'])} onChange={(e) => set(['title'], e.target.value, 'Change the title')} /></OptionRow>
      <OptionRow label="Description" changed={text(json['description']) !== ''} wide onReset={() => remove(['description'])}>
        <textarea className="input" aria-label="Description" rows={2} value={text(json['description'])} onChange={(e) => set(['description'], e.target.value, 'Change the description')} />
      </OptionRow>
      <OptionRow label="No background" changed={flag(json['transparent'])} onReset={() => remove(['transparent'])}>
        <input type="checkbox" role="switch" className="switch" aria-label="No background" checked={flag(json['transparent'])} onChange={(e) => set(['transparent'], e.target.checked, 'Change the background')} />
      </OptionRow>
      <OptionRow label="Repeat for" changed={repeat !== ''} onReset={() => remove(['repeat'], 'Stop repeating')}>
        <select className="select" aria-label="Repeat for each value of" value={repeat} onChange={(e) => (e.target.value === '' ? remove(['repeat'], 'Stop repeating') : set(['repeat'], e.target.value, 'Repeat the panel'))}>
          <option value="">nothing</option>
          {variables.filter((v) => v.type !== 'adhoc').map((v) => <option key={v.name} value={v.name}>{v.label || v.name}</option>)}
        </select>
      </OptionRow>
      {repeat !== '' && (
        <>
          <OptionRow label="Copies stand" changed={false} onReset={() => undefined}>
            <div className="segmented" role="group" aria-label="Copies stand">
              {([['h', 'Side by side'], ['v', 'Below']] as const).map(([v, n]) => <button key={v} type="button" aria-pressed={(text(json['repeatDirection']) || 'h') === v} onClick={() => set(['repeatDirection'], v, 'Change the direction')}>{n}</button>)}
            </div>
          </OptionRow>
          {text(json['repeatDirection']) !== 'v' && (
            <OptionRow label="At most in a line" changed={number(json['maxPerRow']) !== undefined} onReset={() => remove(['maxPerRow'])}>
              <input className="input" type="number" aria-label="At most in a line" min={1} max={12} placeholder="4" value={number(json['maxPerRow']) ?? ''} onChange={(e) => (e.target.value === '' ? remove(['maxPerRow']) : set(['maxPerRow'], Number(e.target.value), 'Change the number in a line'))} />
            </OptionRow>
          )}
        </>
      )}
      <OptionRow label="Links" changed={Array.isArray(links) && links.length > 0} wide onReset={() => remove(['links'])}><LinksField value={links} onChange={(v) => set(['links'], v, 'Change the links')} /></OptionRow>
    </>
  );
}
