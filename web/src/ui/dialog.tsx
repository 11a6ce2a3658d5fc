/** A modal window on the browser's own dialog element: focus stays inside, Escape closes. */
import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';

export function Dialog({ title, onClose, className = '', children }: { title: string; onClose: () => void; className?: string; children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element} className={`dialog ${className}`} aria-label={title} onClose={onClose}
      onPointerDown={(e) => {
        if (e.target === element.current) onClose();
      }}
    >
      <div className="dialog-head">
        <h2>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}><X size={18} strokeWidth={1.75} /></button>
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
