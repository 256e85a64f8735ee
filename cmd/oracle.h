/* A known law from the file that --oracle names: a mixture of Gaussians (lib/mixture.h, a text) or a stream of shapes. Dies where it is neither. */
#ifndef MFC_ORACLE_COMMAND_H
#define MFC_ORACLE_COMMAND_H

#include "cli.h"
#include "diffusion/oracle.h"

struct oracle {
	struct mfc_oracle *law;
	struct mfc_mixture mixture;      /* what it was made of: this, */
	struct mfc_cloud *shape;         /* or these (shapes) */
	size_t shapes;
	struct mfc_value header;         /* of the stream; a map */
};

/* What it holds counts for --max-memory. */
void oracle_open(struct oracle *oracle, struct cli *cli, const char *path);
/* Only a mixture: its particles are independent. */
void oracle_mixture(struct mfc_mixture *mixture, const char *path);
void oracle_close(struct oracle *oracle);

#endif
