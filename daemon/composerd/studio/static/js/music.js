// @ts-check
/** Names and numbers of music. Pure. */

export const NAMES = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const QUALITIES = /** @type {Record<string, number[]>} */ ({
  "": [0, 4, 7], m: [0, 3, 7], 7: [0, 4, 7, 10], maj7: [0, 4, 7, 11], m7: [0, 3, 7, 10], dim: [0, 3, 6], m7b5: [0, 3, 6, 10],
  sus4: [0, 5, 7], 6: [0, 4, 7, 9], aug: [0, 4, 8], dim7: [0, 3, 6, 9], sus2: [0, 2, 7], m6: [0, 3, 7, 9],
});
const FAMILIES = [
  "piano", "chromatic percussion", "organ", "guitar", "bass", "strings", "ensemble", "brass", "reed", "pipe", "synth lead",
  "synth pad", "synth effects", "world", "percussive", "sound effects",
];
/** General MIDI's instruments, eight of a family. */
const INSTRUMENTS = [
  "Grand piano|Bright piano|Electric grand piano|Honky-tonk piano|Electric piano 1|Electric piano 2|Harpsichord|Clavinet",
  "Celesta|Glockenspiel|Music box|Vibraphone|Marimba|Xylophone|Tubular bells|Dulcimer",
  "Drawbar organ|Percussive organ|Rock organ|Church organ|Reed organ|Accordion|Harmonica|Bandoneon",
  "Nylon guitar|Steel guitar|Jazz guitar|Clean guitar|Muted guitar|Overdriven guitar|Distorted guitar|Guitar harmonics",
  "Double bass|Finger bass|Pick bass|Fretless bass|Slap bass 1|Slap bass 2|Synth bass 1|Synth bass 2",
  "Violin|Viola|Cello|Contrabass|Tremolo strings|Pizzicato strings|Harp|Timpani",
  "String ensemble 1|String ensemble 2|Synth strings 1|Synth strings 2|Choir aahs|Voice oohs|Synth voice|Orchestra hit",
  "Trumpet|Trombone|Tuba|Muted trumpet|French horn|Brass section|Synth brass 1|Synth brass 2",
  "Soprano sax|Alto sax|Tenor sax|Baritone sax|Oboe|English horn|Bassoon|Clarinet",
  "Piccolo|Flute|Recorder|Pan flute|Blown bottle|Shakuhachi|Whistle|Ocarina",
  "Square lead|Sawtooth lead|Calliope lead|Chiff lead|Charang lead|Voice lead|Fifths lead|Bass and lead",
  "New age pad|Warm pad|Polysynth pad|Choir pad|Bowed pad|Metallic pad|Halo pad|Sweep pad",
  "Rain|Soundtrack|Crystal|Atmosphere|Brightness|Goblins|Echoes|Sci-fi",
  "Sitar|Banjo|Shamisen|Koto|Kalimba|Bagpipe|Fiddle|Shanai",
  "Tinkle bell|Agogo|Steel drums|Woodblock|Taiko|Melodic tom|Synth drum|Reverse cymbal",
  "Guitar fret noise|Breath noise|Seashore|Bird|Telephone|Helicopter|Applause|Gunshot",
].map((row) => row.split("|"));
/** Kits of channel 10 that most synths have (Roland GS), by program. */
export const KITS = /** @type {Record<number, string>} */ ({ 0: "Standard kit", 8: "Room kit", 16: "Power kit", 24: "Electronic kit", 25: "TR-808 kit", 32: "Jazz kit", 40: "Brush kit", 48: "Orchestra kit" });

/** `60` is C4. @param {number} pitch */
export const pitchName = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/** @param {number} pitch */
export const isBlack = (pitch) => [1, 3, 6, 8, 10].includes(pitch % 12);

/** Pitch classes of a chord's name, none where it is not one. @param {string} name @returns {number[]} */
export function chordTones(name) {
  const match = /^([A-G][♭♯]?)([^/]*)/.exec(name);
  const root = match ? NAMES.indexOf(match[1] ?? "") : -1;
  const quality = QUALITIES[match?.[2] ?? ""];
  return root < 0 || quality === undefined ? [] : quality.map((interval) => (root + interval) % 12);
}

/** Name of a General MIDI program, 0 to 127, or of a kit. @param {number} program @param {boolean} [drums] */
export const instrument = (program, drums = false) => (drums ? KITS[program] : INSTRUMENTS[program >> 3]?.[program & 7]) ?? `program ${program}`;

/** All programs by their families: name, and numbers. @returns {[string, number[]][]} */
export const families = () => FAMILIES.map((name, row) => [name, [0, 1, 2, 3, 4, 5, 6, 7].map((one) => 8 * row + one)]);

/** `83` seconds are `1:23`. @param {number} seconds */
export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** A frequency in Hz. @param {number} pitch */
export const hertz = (pitch) => 440 * 2 ** ((pitch - 69) / 12);
