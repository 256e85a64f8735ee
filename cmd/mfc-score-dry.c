/* mfc-score train --dry-run: what training would take. */
#include "mfc-score-train.h"

#include <stdlib.h>

struct demand {
	size_t clouds, particles;
	struct mfc_trainer_bytes trainer;
	size_t model, batch, bytes;
};

static struct demand demand(const struct train *t, const struct mfc_score *net)
{
	struct mfc_error err;
	struct demand d = { .clouds = mfc_levels_batch(&t->levels) };
	struct mfc_example *example = calloc(d.clouds, sizeof *example);
	size_t stored = 0, i = 0;   /* the crowds too */
	if (!example)
		cli_die("out of memory");
	for (size_t k = 0; k < t->levels.count; k++)
		for (size_t j = 0; j < t->levels.level[k].batch; j++) {
			stored += example[i].crowd = t->levels.level[k].crowd;
			d.particles += example[i++].n = t->levels.level[k].points;
		}
	if (mfc_trainer_bytes(&d.trainer, net, &t->denoiser, t->cli.threads, example, d.clouds, &err))
		cli_die("%s", err.message);
	free(example);
	d.model = mfc_model_bytes(net, true);
	d.batch = score_batch_bytes(d.clouds, stored, net->config.dim);
	d.bytes = d.model + d.trainer.gradients + d.trainer.activations + d.batch;
	return d;
}

void train_check_memory(struct train *t, const struct mfc_score *net)
{
	struct mfc_error err;
	struct mfc_score new;
	if (!net && mfc_score_create(&new, &t->config, &err))
		cli_die("%s", err.message);
	cli_hold(&t->cli, 1, demand(t, net ? net : &new).bytes, "training (--dry-run says of what)");
	if (!net)
		mfc_score_clear(&new);
}

void train_dry_run(struct train *t)
{
	struct mfc_error err;
	if (t->resume ? mfc_model_read(&t->model, t->path, &err) : mfc_score_create(&t->model.net, &t->config, &err))
		cli_die("%s", err.message);
	struct demand d = demand(t, &t->model.net);
	FILE *out = cli_output_file(&t->cli, false);
	fprintf(out, "parameters\t%zu\nclouds\t%zu\nparticles\t%zu\nthreads\t%zu\n", t->model.net.parameters, d.clouds * t->accumulate,
	    d.particles * t->accumulate, t->cli.threads);
	fprintf(out, "bytes.model\t%zu\nbytes.gradients\t%zu\nbytes.activations\t%zu\nbytes.batch\t%zu\nbytes\t%zu\n", d.model,
	    d.trainer.gradients, d.trainer.activations, d.batch, d.bytes);
	cli_output_file_end(&t->cli);
}
