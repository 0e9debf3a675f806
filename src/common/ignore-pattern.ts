/** Of a line in an ignore file: a path is no longer, and each becomes a regular expression, whose size has a limit. */
export const LONGEST_PATTERN = 4_096;
