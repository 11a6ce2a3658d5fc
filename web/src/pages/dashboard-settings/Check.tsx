/** A box to tick, with its words. */
export const Check = ({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) => <label className="check"><input type="checkbox" checked={on} onChange={(e) => set(e.target.checked)} />{label}</label>;
