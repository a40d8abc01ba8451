// A short tone of two notes, made on the spot. Browsers keep it silent until the page has been clicked or typed into.
let context: AudioContext | undefined;

export function playTone(): void {
    try {
        context ??= new AudioContext();
        if (context.state === 'suspended') void context.resume();
        note(context, 660, 0);
        note(context, 880, 0.09);
    } catch {
        // no sound here
    }
}

function note(audio: AudioContext, frequency: number, delay: number): void {
    const start = audio.currentTime + delay;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.08, start + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.25);
}
