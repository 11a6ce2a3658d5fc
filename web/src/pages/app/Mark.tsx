/** The mark: a small orrery. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <circle cx="16" cy="16" r="13" fill="none" stroke="currentColor" strokeWidth="1.75" opacity="0.35" />
      <ellipse cx="16" cy="16" rx="13" ry="5.5" fill="none" stroke="currentColor" strokeWidth="1.75" transform="rotate(-28 16 16)" />
      <circle cx="16" cy="16" r="3.6" fill="currentColor" />
      <circle cx="26.6" cy="9.2" r="2.4" fill="currentColor" />
    </svg>
  );
}
