/* What mfc-noise and its subcommands share. */
#ifndef MFC_NOISE_COMMAND_H
#define MFC_NOISE_COMMAND_H

int noise_prior(int argc, char **argv);
int noise_interact(int argc, char **argv);

#endif
