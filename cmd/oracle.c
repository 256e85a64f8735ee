#include "oracle.h"

#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TREE 40   /* bytes a particle of the law's k-d trees, at most about */

/* A stream begins with a map of msgpack, text does not. */
static bool is_stream(const char *path)
{
	if (strcmp(path, "-") == 0)
		cli_usage("--oracle is a file: standard input is for clouds");
	FILE *in = cli_open(path);
	unsigned char first = 0;
	if (mfc_file_fill(fileno(in), &first, 1) < 0)
		cli_die("%s: %s", path, strerror(errno));
	fclose(in);
	return first >= 0x80;
}

static void keep(struct oracle *o, struct cli *cli, struct mfc_cloud *cloud, const char *path)
{
	cli_hold(cli, 1, mfc_cloud_bytes(cloud) + cloud->n * TREE, path);
	if (cloud->t > 0 || cloud->s > 0)
		cli_die("%s: cloud \"%s\": is noised, and no shape", path, cloud->id);
	if ((o->shapes & (o->shapes - 1)) == 0) {
		o->shape = reallocarray(o->shape, o->shapes ? 2 * o->shapes : 1, sizeof *o->shape);
		if (!o->shape)
			cli_die("out of memory");
	}
	o->shape[o->shapes++] = *cloud;
	mfc_cloud_init(cloud);
}

static void read_shapes(struct oracle *o, struct cli *cli, const char *path)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_cloud cloud;
	FILE *in = cli_open(path);
	int event;
	mfc_cloud_init(&cloud);
	if (mfc_reader_open(&reader, in, path, cli->max_record, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0)
		if (event == MFC_RECORD) {
			keep(o, cli, &cloud, path);
		} else if (o->shapes == 0) {
			mfc_value_clear(&o->header);
			if (mfc_value_copy(&o->header, mfc_reader_header(reader), &err))
				cli_die("%s", err.message);
		}
	if (event < 0)
		cli_die("%s", err.message);
	if (o->shapes == 0)
		cli_die("%s: no shapes", path);
	mfc_cloud_clear(&cloud);
	mfc_reader_close(reader);
	fclose(in);
}

void oracle_mixture(struct mfc_mixture *mixture, const char *path)
{
	struct mfc_error err;
	if (is_stream(path))
		cli_die("%s: a stream of shapes, where a mixture of Gaussians is wanted", path);
	if (mfc_mixture_read(mixture, path, &err))
		cli_die("%s", err.message);
}

void oracle_open(struct oracle *o, struct cli *cli, const char *path)
{
	struct mfc_error err;
	*o = (struct oracle){ .header = mfc_value_map() };
	bool shapes = is_stream(path);
	if (shapes)
		read_shapes(o, cli, path);
	else
		oracle_mixture(&o->mixture, path);
	if (shapes ? mfc_oracle_of_shapes(&o->law, o->shapes, o->shape, &err) : mfc_oracle_of_mixture(&o->law, &o->mixture, &err))
		cli_die("%s: %s", path, err.message);
}

void oracle_close(struct oracle *o)
{
	mfc_oracle_free(o->law);
	mfc_mixture_clear(&o->mixture);
	for (size_t i = 0; i < o->shapes; i++)
		mfc_cloud_clear(&o->shape[i]);
	free(o->shape);
	mfc_value_clear(&o->header);
}
