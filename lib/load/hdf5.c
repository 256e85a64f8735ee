#include "load/hdf5.h"
#include "load/apart.h"
#include "load/hdf5-file.h"
#include "load/limits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the child says of the file and then of each cloud, before the bytes of its NumPy file. */
struct reply {
	int status;                /* as open and next return it */
	size_t size;               /* 0 where there are only names */
	char member[1024];
	struct mfc_error err;
};

struct mfc_hdf5 {
	struct mfc_apart *apart;
	bool names;
	struct reply reply;
	bool over;                 /* the child ended and should not have, which was said */
};

struct request {
	const char *path, *data;
	size_t size;
	bool names;
};

static void reply(int status, const char *member, size_t size, const struct mfc_error *err)
{
	static struct reply r;
	r.status = status;
	r.size = size;
	r.err = *err;
	if (member)
		strncpy(r.member, member, sizeof r.member - 1);
	mfc_apart_write(&r, sizeof r);
}

static void serve(void *context)
{
	const struct request *q = context;
	struct mfc_error err = { 0 };
	struct mfc_hdf5_file *file;
	int status = mfc_hdf5_file_open(&file, q->path, MFC_APART_FILE, q->data, q->size, &err);
	reply(status, NULL, 0, &err);
	while (file) {
		const char *member;
		char *npy = NULL;
		size_t size = 0;
		status = mfc_hdf5_file_next(file, &member, q->names ? NULL : &npy, &size, &err);
		reply(status, member, npy ? size : 0, &err);
		if (npy)
			mfc_apart_write(npy, size);
		free(npy);
		if (status == 0)
			break;
	}
	mfc_hdf5_file_close(file);
}

/* Memory that it ran out of may be what the file made it want, or its share: the system may have more. */
static int receive(struct mfc_hdf5 *f, int highest, struct mfc_error *err)
{
	struct reply *r = &f->reply;
	int status = mfc_apart_read(f->apart, r, sizeof *r, err);
	bool numbers = status == 0 && r->status == 1 && !f->names;
	if (status == 0 && (r->status < -1 || r->status > highest || (r->size > 0) != numbers || r->size > MFC_MAX_MEMBER + 1024))
		status = mfc_error_set(err, "libhdf5 broke on it");
	if (status) {
		f->over = true;
		r->size = 0;
		return -1;
	}
	r->member[sizeof r->member - 1] = 0;
	r->err.message[sizeof r->err.message - 1] = 0;
	return r->status < 0 ? mfc_error_set(err, "%s", r->err.message) : r->status;
}

int mfc_hdf5_open(struct mfc_hdf5 **file, const char *path, const char *data, size_t size, bool names, struct mfc_error *err)
{
	struct mfc_hdf5 *f = *file = calloc(1, sizeof *f);
	struct request request = { path, data, size, names };
	if (!f)
		return mfc_error_memory(err);
	f->names = names;
	int in = data ? -1 : open(path, O_RDONLY | O_CLOEXEC), status = -1;
	if (!data && in < 0)
		mfc_error_system(err, NULL);
	else if (mfc_apart_begin(&f->apart, "libhdf5", in, serve, &request, err) == 0)
		status = receive(f, 0, err);
	if (in >= 0)
		close(in);
	if (status == 0)
		return 0;
	mfc_hdf5_close(f);
	*file = NULL;
	return -1;
}

int mfc_hdf5_next(struct mfc_hdf5 *f, const char **member, char **npy, size_t *size, struct mfc_error *err)
{
	*npy = NULL;
	*member = f->reply.member;
	if (f->over)
		return 0;
	int status = receive(f, 1, err);
	*size = f->reply.size;
	if (status <= 0 || *size == 0) {
		f->over = f->over || status == 0;
		return status;
	}
	if (!(*npy = malloc(*size + 1)))
		return f->over = true, mfc_error_memory(err);
	if (mfc_apart_read(f->apart, *npy, *size, err)) {
		free(*npy);
		*npy = NULL;
		f->over = true;
		return -1;
	}
	(*npy)[*size] = 0;
	return status;
}

void mfc_hdf5_close(struct mfc_hdf5 *f)
{
	if (!f)
		return;
	mfc_apart_end(f->apart);
	free(f);
}
