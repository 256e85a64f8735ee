/* mfc-score train --dry-run: what training would take. */
#include "mfc-score-train.h"

#include <stdlib.h>

void train_dry_run(struct train *t)
{
	struct mfc_error err;
	struct mfc_trainer_bytes trainer;
	size_t clouds = mfc_levels_batch(&t->levels), particles = 0, i = 0;
	struct mfc_example *example = calloc(clouds, sizeof *example);
	if (!example)
		cli_die("out of memory");
	size_t stored = 0;   /* the crowds too */
	for (size_t k = 0; k < t->levels.count; k++)
		for (size_t j = 0; j < t->levels.level[k].batch; j++) {
			stored += example[i].crowd = t->levels.level[k].crowd;
			particles += example[i++].n = t->levels.level[k].points;
		}
	if (t->resume ? mfc_model_read(&t->model, t->path, &err) : mfc_score_create(&t->model.net, &t->config, &err))
		cli_die("%s", err.message);
	const struct mfc_score *net = &t->model.net;
	if (mfc_trainer_bytes(&trainer, net, &t->denoiser, t->cli.threads, example, clouds, &err))
		cli_die("%s", err.message);
	free(example);
	size_t model = mfc_model_bytes(net, true), batch = score_batch_bytes(clouds, stored, net->config.dim);
	FILE *out = cli_output_file(&t->cli, false);
	fprintf(out, "parameters\t%zu\nclouds\t%zu\nparticles\t%zu\nthreads\t%zu\n", net->parameters, clouds * t->accumulate,
	    particles * t->accumulate, t->cli.threads);
	fprintf(out, "bytes.model\t%zu\nbytes.gradients\t%zu\nbytes.activations\t%zu\nbytes.batch\t%zu\nbytes\t%zu\n", model, trainer.gradients,
	    trainer.activations, batch, model + trainer.gradients + trainer.activations + batch);
	cli_output_file_end(&t->cli);
}
