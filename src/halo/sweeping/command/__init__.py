"""The command halo.sweep: its command line, the settings of its trials, and the sweep as a whole."""
