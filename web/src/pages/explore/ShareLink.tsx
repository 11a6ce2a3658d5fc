/** A short link to what is shown, with the range as it is or fixed to its moments. */
import { useMutation } from '@tanstack/react-query';
import { Link2 } from 'lucide-react';
import { shorten } from '../../api/sharing';
import { printExploreUrl, type ExploreUrl } from '../../model/explore';
import { resolveRange } from '../../model/time/range';
import { Popover } from '../../ui/popover';
import { toast } from '../../ui/toast';

/** The address with every range as two moments: it shows the same tomorrow. */
function fixRanges(url: ExploreUrl, now: number, zone: string): ExploreUrl {
  return { ...url, panes: url.panes.map((p) => {
    const { from, to } = resolveRange(p.range, now, zone);
    return { ...p, range: { from: String(Math.round(from)), to: String(Math.round(to)) } };
  }) };
}

export function ShareLink({ url, zone }: { url: ExploreUrl; zone: string }) {
  const make = useMutation({
    mutationFn: (fixed: boolean) => shorten(`explore?${printExploreUrl(fixed ? fixRanges(url, Date.now(), zone) : url)}`),
    onSuccess: async (link) => {
      try {
        await navigator.clipboard.writeText(link);
        toast('The short link is copied.');
      } catch {
        // The field below holds it.
      }
    },
  });
  return (
    <Popover label="Share" triggerClass="button" trigger={<><Link2 size={16} strokeWidth={1.75} aria-hidden /><span className="explore-wide">Share</span></>} align="end" className="explore-share" onOpen={() => make.reset()}>
      {() => (
        <>
          <button type="button" className="menu-item" onClick={() => make.mutate(false)}>Short link, range as it is</button>
          <button type="button" className="menu-item" onClick={() => make.mutate(true)}>Short link to these moments</button>
          {make.error && <p className="field-error" role="alert">{make.error.message}</p>}
          {make.data !== undefined && <input className="input num" readOnly aria-label="The short link" value={make.data} onFocus={(e) => e.target.select()} />}
        </>
      )}
    </Popover>
  );
}
