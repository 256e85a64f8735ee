#include "load/fetch.h"

#include "file.h"
#include "load/archive.h"
#include "load/zip.h"

#include <stdlib.h>
#include <string.h>

void mfc_member_clear(struct mfc_member *m)
{
	free(m->name);
	free(m->path);
	free(m->data);
	free(m->file);
	*m = (struct mfc_member){ 0 };
}

/* Open what the member is in, unless it is open. */
static int open_archive(struct mfc_fetcher *f, const struct mfc_member *m, struct mfc_error *err)
{
	if (f->file && strcmp(f->file, m->file) == 0)
		return 0;
	mfc_fetcher_clear(f);
	f->file = strdup(m->file);
	if (!f->file)
		return mfc_error_memory(err);
	mfc_zip_open(&f->zip, m->file, NULL);   /* where it cannot, libarchive has the word */
	return 0;
}

/* Go forward to an entry of libarchive's; back only by beginning anew. */
static int seek(struct mfc_fetcher *f, const struct mfc_member *m, struct mfc_error *err)
{
	struct mfc_entry entry;
	int got = 1;
	if (!f->archive || f->next > m->entry) {
		mfc_unpack_close(f->archive);
		f->archive = NULL;
		f->next = 0;
		if (mfc_unpack_file(&f->archive, m->file, err))
			return -1;
	}
	while (f->next <= m->entry && (got = mfc_unpack_next(f->archive, &entry, err)) == 1)
		f->next++;
	if (got != 1)
		mfc_fetcher_clear(f);
	return got == 1 ? 0 : got == 0 ? mfc_error_set(err, "the archive has changed") : -1;
}

int mfc_fetch(struct mfc_fetcher *f, struct mfc_member *m, struct mfc_error *err)
{
	if (m->data)
		return 0;
	if (m->entry == SIZE_MAX)
		return mfc_file_read(m->file, MFC_MAX_MEMBER, &m->data, &m->size, err);
	int status = open_archive(f, m, err);
	if (status == 0)
		status = f->zip ? mfc_zip_read(f->zip, m->entry, m->path, &m->data, &m->size, err) : 1;
	if (status == 1)
		status = seek(f, m, err) ? -1 : mfc_unpack_read(f->archive, &m->data, &m->size, err);
	if (status)
		mfc_error_prefix(err, "%s", m->name);
	return status < -1 ? -2 : status;
}

void mfc_fetcher_clear(struct mfc_fetcher *f)
{
	mfc_unpack_close(f->archive);
	mfc_zip_close(f->zip);
	free(f->file);
	*f = (struct mfc_fetcher){ 0 };
}
