/* Meshes in the many formats that assimp reads. The only user of assimp, which a build may do without. */
#ifndef MFC_ASSIMP_H
#define MFC_ASSIMP_H

#include "load/mesh.h"

#include <stdbool.h>

/* Whether files of this extension (as mfc_mesh_extension gives it, in any case) are meshes that are read here. The same in a build without
 * assimp, so that what such a file needs can be said. */
bool mfc_assimp_knows(const char *extension);

/* Read a whole file in memory; mesh as mfc_mesh_init leaves it, and the caller's to clear on failure. Every object of the scene, where its
 * transformation puts it, as one mesh of triangles; polygons are cut into triangles, equal vertices are one; points and lines are left out. A file
 * without triangles is an error, and so is one that needs files beside it: no other file is ever opened. Safe to call from several threads. In a build
 * without assimp it fails and says so.
 * assimp checks less than the other readers do, so it works in a process of its own (load/apart.h): what it does not survive is an error, and so
 * is a file for which it wants more than 2 GiB and 64 times the file's size of memory. */
int mfc_assimp_read(struct mfc_mesh *mesh, const char *data, size_t size, const char *extension, struct mfc_error *err);

#endif
