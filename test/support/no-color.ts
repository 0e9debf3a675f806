/** Imported before Ink: frames are compared as text, so any escape in them came from outside. */
process.env['FORCE_COLOR'] = '0';
