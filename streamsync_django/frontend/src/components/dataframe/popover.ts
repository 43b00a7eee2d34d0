/** Put an open popover below what opened it, or above where there is no room, and never outside the window. */
export function placeBeside(popover: HTMLElement, opener: HTMLElement): void {
  const anchor = opener.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = popover;
  const fitsBelow = anchor.bottom + offsetHeight + 8 < window.innerHeight;
  const top = fitsBelow ? anchor.bottom + 4 : Math.max(8, anchor.top - offsetHeight - 4);
  const left = Math.max(8, Math.min(anchor.right - offsetWidth, window.innerWidth - offsetWidth - 8));
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}
