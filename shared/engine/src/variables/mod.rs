//! References to variables: reading them, filling them in, and keeping them out of shells.
