export function escapeHtml(text) {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Pixels of a text, about, in the sans-serif font of the pictures. */
export function textWidth(text, size) {
  return String(text).length * size * 0.64;
}
