/**
 * Imported before Ink. Frames are compared as text, so any escape in them came from outside; and
 * React is the build that the program ships.
 */
process.env['FORCE_COLOR'] = '0';
process.env['NODE_ENV'] = 'production';
process.env['FORCE_HYPERLINK'] = '0';
