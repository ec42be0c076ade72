/** The version of this program; the package's own, held equal by a test. */
export const VERSION = '0.1.0';
