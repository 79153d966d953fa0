// Whether this person asked for less motion.

const query = matchMedia("(prefers-reduced-motion: reduce)");

export const calm = () => query.matches;
