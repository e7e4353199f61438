/** Devices, volumes and the test call: their place on the sheet. */
export function SoundSettings() {
  return null;
}
