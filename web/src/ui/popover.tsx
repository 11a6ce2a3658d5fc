/** A box that opens below a button: closes on Escape, on a press outside, and gives the focus back. */
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

interface PopoverProps {
  label: string;
  /** Content of the button. */
  trigger: ReactNode;
  triggerClass?: string;
  title?: string;
  align?: 'start' | 'end';
  role?: 'dialog' | 'menu' | 'listbox';
  className?: string;
  children: (close: () => void) => ReactNode;
  onOpen?: () => void;
}

/** Keeps the box inside the window: below the button, above it when there is no room. */
function place(box: HTMLElement, anchor: HTMLElement, align: 'start' | 'end'): void {
  const a = anchor.getBoundingClientRect();
  const { offsetWidth: w, offsetHeight: h } = box;
  const x = align === 'start' ? a.left : a.right - w;
  const below = a.bottom + 4;
  const y = below + h > innerHeight - 8 && a.top - 4 - h > 8 ? a.top - 4 - h : below;
  box.style.left = `${Math.max(8, Math.min(x, innerWidth - w - 8))}px`;
  box.style.top = `${Math.max(8, y)}px`;
  box.style.maxHeight = `${innerHeight - Math.max(8, y) - 8}px`;
}

const Content = ({ render, close }: { render: (close: () => void) => ReactNode; close: () => void }) => <>{render(close)}</>;

export function Popover({ label, trigger, triggerClass = 'button', title, align = 'start', role = 'dialog', className = '', children, onOpen }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = useCallback(() => {
    setOpen(false);
    anchor.current?.focus();
  }, []);

  useLayoutEffect(() => {
    if (!open || !box.current || !anchor.current) return;
    place(box.current, anchor.current, align);
    const first = box.current.querySelector<HTMLElement>('[data-autofocus]') ?? box.current.querySelector<HTMLElement>('[aria-selected=true], [aria-checked=true], button, input, a[href]');
    first?.focus({ preventScroll: true });
  }, [open, align]);

  useEffect(() => {
    if (!open) return undefined;
    const outside = (e: PointerEvent): void => {
      if (e.target instanceof Node && !box.current?.contains(e.target) && !anchor.current?.contains(e.target)) setOpen(false);
    };
    const moved = (): void => {
      if (box.current && anchor.current) place(box.current, anchor.current, align);
    };
    document.addEventListener('pointerdown', outside);
    window.addEventListener('resize', moved);
    return () => {
      document.removeEventListener('pointerdown', outside);
      window.removeEventListener('resize', moved);
    };
  }, [open, align]);

  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>): void => {
    if (e.key === 'Escape') {
      e.preventDefault();
      e.stopPropagation();
      close();
    }
    if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && box.current) {
      const items = [...box.current.querySelectorAll<HTMLElement>('[role^=menuitem], [role=option]')];
      if (items.length === 0) return;
      e.preventDefault();
      const at = items.indexOf(document.activeElement as HTMLElement);
      items[(at + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus();
    }
    if (e.key === 'Tab' && role === 'menu') setOpen(false);
  };

  return (
    <>
      <button
        ref={anchor} type="button" className={triggerClass} title={title ?? label} aria-label={label} aria-haspopup={role === 'dialog' ? 'dialog' : role}
        aria-expanded={open} aria-controls={open ? id : undefined}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}
      >
        {trigger}
      </button>
      {open && createPortal(
        <div ref={box} id={id} role={role === 'listbox' ? 'dialog' : role} aria-label={label} className={`popover ${className}`} onKeyDown={onKeyDown}><Content render={children} close={close} /></div>,
        document.body,
      )}
    </>
  );
}

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  hint?: string;
  run?: () => void;
  href?: string;
  /** Of `href`: in a new tab, which knows nothing of this one. */
  blank?: boolean;
  checked?: boolean;
}

/** A menu of actions, walked with the arrow keys. */
export function Menu({ items, ...props }: Omit<PopoverProps, 'children' | 'role'> & { items: readonly MenuItem[] }) {
  return (
    <Popover {...props} role="menu" className={`menu ${props.className ?? ''}`}>
      {(close) => items.map((item) => {
        const content = <>{item.icon}<span className="menu-label">{item.label}</span>{item.hint !== undefined && <kbd>{item.hint}</kbd>}</>;
        if (item.href !== undefined) return <a key={item.label} role="menuitem" className="menu-item" href={item.href} {...(item.blank ? { target: '_blank', rel: 'noopener noreferrer' } : {})} onClick={close}>{content}</a>;
        return (
          <button
            key={item.label} type="button" className="menu-item"
            {...(item.checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': item.checked })}
            onClick={() => {
              close();
              item.run?.();
            }}
          >
            {content}
          </button>
        );
      })}
    </Popover>
  );
}
