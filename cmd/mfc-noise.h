/* What mfc-noise and its subcommand share. */
#ifndef MFC_NOISE_COMMAND_H
#define MFC_NOISE_COMMAND_H

int noise_prior(int argc, char **argv);

#endif
