// @ts-check
/** Plays from MIDI keyboards of the browser's machine (Web MIDI: on localhost and over HTTPS). */

/**
 * Listen to all MIDI inputs, also later ones; returns the names of those plugged in now.
 * @param {(pitch: number, velocity: number) => void} key @param {(down: boolean) => void} pedal
 * @returns {Promise<string[]>}
 */
export async function startMidi(key, pedal) {
  const access = await navigator.requestMIDIAccess({ sysex: false });
  const names = listen(access, key, pedal);
  access.onstatechange = () => listen(access, key, pedal);
  return names;
}

/** @param {MIDIAccess} access @param {(pitch: number, velocity: number) => void} key @param {(down: boolean) => void} pedal */
function listen(access, key, pedal) {
  const names = [];
  for (const input of access.inputs.values()) {
    input.onmidimessage = (event) => read(event.data, key, pedal);
    names.push(input.name ?? "a keyboard");
  }
  return names;
}

/** @param {Uint8Array | null} data @param {(pitch: number, velocity: number) => void} key @param {(down: boolean) => void} pedal */
export function read(data, key, pedal) {
  const [status, first, second] = data ?? [];
  if (status === undefined || first === undefined || second === undefined) return;
  if ((status & 0xf0) === 0x90) key(first, second);
  else if ((status & 0xf0) === 0x80) key(first, 0);
  else if ((status & 0xf0) === 0xb0 && first === 64) pedal(second >= 64);
}
