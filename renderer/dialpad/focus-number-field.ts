/** Puts the cursor into the number field, if it is on the screen; says whether it is. */
export function focusNumberField(): boolean {
  const field = document.getElementById('number');
  field?.focus();
  return field !== null;
}
