// The few emoji names that people and bots use most; others stay as they were typed.

export const EMOJI = {
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  thumbsdown: "👎",
  heart: "❤️",
  tada: "🎉",
  eyes: "👀",
  pray: "🙏",
  wave: "👋",
  smile: "😄",
  slightly_smiling_face: "🙂",
  grinning: "😀",
  joy: "😂",
  blush: "😊",
  wink: "😉",
  thinking_face: "🤔",
  cry: "😢",
  sob: "😭",
  sweat_smile: "😅",
  sunglasses: "😎",
  clap: "👏",
  raised_hands: "🙌",
  ok_hand: "👌",
  muscle: "💪",
  point_right: "👉",
  point_up: "☝️",
  fire: "🔥",
  rocket: "🚀",
  star: "⭐",
  sparkles: "✨",
  zap: "⚡",
  bulb: "💡",
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  warning: "⚠️",
  question: "❓",
  exclamation: "❗",
  hourglass: "⌛",
  alarm_clock: "⏰",
  calendar: "📅",
  spiral_calendar_pad: "🗓️",
  mute: "🔇",
  no_bell: "🔕",
  bell: "🔔",
  zzz: "💤",
  coffee: "☕",
  tea: "🍵",
  apple: "🍎",
  seedling: "🌱",
  books: "📚",
  book: "📖",
  memo: "📝",
  newspaper: "📰",
  link: "🔗",
  mag: "🔍",
  chart_with_upwards_trend: "📈",
  speech_balloon: "💬",
  email: "📧",
  gear: "⚙️",
  wrench: "🔧",
  bug: "🐛",
  lock: "🔒",
  key: "🔑",
  robot_face: "🤖",
  sunny: "☀️",
  moon: "🌙",
  partly_sunny: "⛅",
  runner: "🏃",
  walking: "🚶",
  palm_tree: "🌴",
  house: "🏠",
  100: "💯",
  dart: "🎯",
  handshake: "🤝",
  package: "📦",
  hammer_and_wrench: "🛠️",
  brain: "🧠",
  leaves: "🍃",
};

export const QUICK = ["+1", "heart", "tada", "eyes", "pray", "bulb"];

let drawn = null;

/** Whether this machine has a font with emoji; without one they would all be the same empty box. */
export function drawsEmoji() {
  if (drawn !== null) return drawn;
  const pixels = (glyph) => {
    const pen = Object.assign(document.createElement("canvas"), {
      width: 24,
      height: 24,
    }).getContext("2d", { willReadFrequently: true });
    pen.font = "18px sans-serif";
    pen.fillText(glyph, 0, 20);
    return pen.getImageData(0, 0, 24, 24).data.join();
  };
  drawn = pixels("\u{1F44D}") !== pixels("\u{1F389}");
  return drawn;
}

export const emojiFor = (name) => EMOJI[name] || null;
