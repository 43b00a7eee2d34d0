/** What an address is for decides which schemes may stand in it. */
export type AddressUse = "link" | "image" | "media" | "frame";

const SCHEMES: Record<AddressUse, RegExp> = {
  link: /^(https?|mailto|tel|sms|blob):/i,
  image: /^(https?:|blob:|data:image\/)/i,
  media: /^(https?:|blob:|data:(video|audio|application\/octet-stream))/i,
  frame: /^(https?:|blob:)/i,
};

/** Return the address if it is safe for this use (relative ones are), else null. */
export function safeAddress(address: string, use: AddressUse): string | null {
  // Browsers ignore control characters and blanks inside a scheme, so they must not hide one.
  // eslint-disable-next-line no-control-regex -- these are the characters meant
  const compact = address.replace(/[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028\u2029]/g, "");
  if (compact === "") return null;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(compact);
  if (!scheme) return address.trim();
  return SCHEMES[use].test(compact) ? address.trim() : null;
}
