#include "load/assimp.h"
#include "load/apart.h"

#include <string.h>
#include <strings.h>

/* Formats that hold meshes and whose extension says so: none that others use too (.raw, .xml, .mesh), none of maps, motions or plans of
 * buildings alone. */
static const struct { const char *extension, *name; } formats[] = {
	{ "3ds", "3D Studio" }, { "3mf", "3MF" }, { "ac", "AC3D" }, { "ac3d", "AC3D" }, { "amf", "AMF" }, { "ase", "ASE" }, { "b3d", "Blitz3D" },
	{ "blend", "Blender" }, { "dae", "Collada" }, { "dxf", "DXF" }, { "fbx", "FBX" }, { "glb", "glTF" }, { "gltf", "glTF" }, { "ifc", "IFC" },
	{ "iqm", "IQM" }, { "lwo", "LightWave" }, { "lxo", "Modo" }, { "md2", "Quake II" }, { "md3", "Quake III" }, { "md5mesh", "Doom 3" },
	{ "ms3d", "MilkShape" }, { "ogex", "OpenGEX" }, { "q3o", "Quick3D" }, { "smd", "Valve" }, { "x", "DirectX" }, { "x3d", "X3D" }
};

static const char *format_of(const char *extension)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcasecmp(extension, formats[i].extension) == 0)
			return formats[i].name;
	return NULL;
}

bool mfc_assimp_knows(const char *extension)
{
	return format_of(extension) != NULL;
}

#ifndef MFC_ASSIMP

int mfc_assimp_read(struct mfc_mesh *mesh, const char *data, size_t size, const char *extension, struct mfc_error *err)
{
	(void)mesh, (void)data, (void)size;
	const char *format = format_of(extension);
	return mfc_error_set(err, "%s needs a build with assimp (libassimp-dev)", format ? format : extension);
}

#else

#include <assimp/cfileio.h>
#include <assimp/cimport.h>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH 1000                        /* nodes within nodes */
#define MAX_MESH ((size_t)1 << 30)        /* bytes of vertices, or of triangles: a small file can show one object very often */
#define MEMORY(size) (2 * MAX_MESH + 64 * (size))   /* that assimp may take */

/* The only file there is: assimp's own way to read from memory looks on the disk for every other name, so it is not used. */
struct source {
	const char *data;
	size_t size;
	char name[32];
	char missing[128];   /* the last other file that was asked for */
	bool starved;        /* there was no memory to open it */
};

struct handle {
	struct aiFile file;
	const struct source *source;
	size_t at;
};

static struct handle *handle_of(struct aiFile *f)
{
	return (struct handle *)(void *)f->UserData;
}

static size_t file_read(struct aiFile *f, char *out, size_t item, size_t count)
{
	struct handle *h = handle_of(f);
	size_t left = h->source->size - h->at, n = item ? left / item : 0;
	if (n > count)
		n = count;
	memcpy(out, h->source->data + h->at, n * item);
	h->at += n * item;
	return n;
}

static size_t file_write(struct aiFile *f, const char *in, size_t item, size_t count)
{
	(void)f, (void)in, (void)item, (void)count;
	return 0;
}

static size_t file_tell(struct aiFile *f)
{
	return handle_of(f)->at;
}

static size_t file_size(struct aiFile *f)
{
	return handle_of(f)->source->size;
}

static enum aiReturn file_seek(struct aiFile *f, size_t offset, enum aiOrigin origin)
{
	struct handle *h = handle_of(f);
	size_t from = origin == aiOrigin_SET ? 0 : origin == aiOrigin_CUR ? h->at : h->source->size;
	size_t to = from + offset;   /* a negative offset arrives wrapped around */
	if (to > h->source->size)
		return aiReturn_FAILURE;
	h->at = to;
	return aiReturn_SUCCESS;
}

static void file_flush(struct aiFile *f)
{
	(void)f;
}

static struct aiFile *file_open(struct aiFileIO *io, const char *name, const char *mode)
{
	struct source *s = (struct source *)(void *)io->UserData;
	(void)mode;
	if (strcmp(name, s->name) != 0) {
		snprintf(s->missing, sizeof s->missing, "%s", name);
		return NULL;
	}
	struct handle *h = malloc(sizeof *h);
	s->starved = !h;
	if (!h)
		return NULL;
	*h = (struct handle){ .file = { file_read, file_write, file_tell, file_size, file_seek, file_flush, (aiUserData)h }, .source = s };
	return &h->file;
}

static void file_close(struct aiFileIO *io, struct aiFile *f)
{
	(void)io;
	free(handle_of(f));
}

/* Row-major (3, 4): the product of a and m. */
static void multiply(double out[12], const double a[12], const struct aiMatrix4x4 *m)
{
	const double b[12] = { m->a1, m->a2, m->a3, m->a4, m->b1, m->b2, m->b3, m->b4, m->c1, m->c2, m->c3, m->c4 };
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++)
			out[4 * i + j] = a[4 * i] * b[j] + a[4 * i + 1] * b[4 + j] + a[4 * i + 2] * b[8 + j] + (j == 3 ? a[4 * i + 3] : 0);
}

static int add_vertex(struct mfc_mesh *mesh, const struct aiVector3D *v, const double m[12], struct mfc_error *err)
{
	double p[3];
	for (int i = 0; i < 3; i++)
		p[i] = m[4 * i] * v->x + m[4 * i + 1] * v->y + m[4 * i + 2] * v->z + m[4 * i + 3];
	if (mesh->vertices >= MAX_MESH / sizeof p)
		return mfc_error_set(err, "more than %zu vertices", MAX_MESH / sizeof p);
	return mfc_mesh_add_vertex(mesh, p, err);
}

/* The triangles of one object, and those vertices that belong to one; index holds a number for each vertex of it. */
static int add_triangles(struct mfc_mesh *mesh, const struct aiMesh *object, const double m[12], uint32_t *index, struct mfc_error *err)
{
	memset(index, 0xff, object->mNumVertices * sizeof *index);
	for (unsigned i = 0; i < object->mNumFaces; i++) {
		const struct aiFace *face = &object->mFaces[i];
		uint32_t corner[3];
		if (face->mNumIndices != 3)
			continue;
		for (int j = 0; j < 3; j++) {
			unsigned v = face->mIndices[j];
			if (v >= object->mNumVertices)
				return mfc_error_set(err, "face index %u out of range (%u vertices)", v, object->mNumVertices);
			if (index[v] == UINT32_MAX) {
				index[v] = (uint32_t)mesh->vertices;
				if (add_vertex(mesh, &object->mVertices[v], m, err))
					return -1;
			}
			corner[j] = index[v];
		}
		if (mesh->triangles >= MAX_MESH / sizeof corner)
			return mfc_error_set(err, "more than %zu triangles", MAX_MESH / sizeof corner);
		if (mfc_mesh_add_triangle(mesh, corner[0], corner[1], corner[2], err))
			return -1;
	}
	return 0;
}

static int add_object(struct mfc_mesh *mesh, const struct aiMesh *object, const double m[12], struct mfc_error *err)
{
	if (!object->mVertices || !object->mFaces)
		return 0;
	uint32_t *index = calloc(object->mNumVertices, sizeof *index);
	if (!index)
		return mfc_error_memory(err);
	int status = add_triangles(mesh, object, m, index, err);
	free(index);
	return status;
}

static int add_node(struct mfc_mesh *mesh, const struct aiScene *scene, const struct aiNode *node, const double parent[12], int depth,
    struct mfc_error *err)
{
	double m[12];
	if (depth > DEPTH)
		return mfc_error_set(err, "more than %d nodes within each other", DEPTH);
	multiply(m, parent, &node->mTransformation);
	for (unsigned i = 0; i < node->mNumMeshes; i++)
		if (node->mMeshes[i] < scene->mNumMeshes && add_object(mesh, scene->mMeshes[node->mMeshes[i]], m, err))
			return -1;
	for (unsigned i = 0; i < node->mNumChildren; i++)
		if (add_node(mesh, scene, node->mChildren[i], m, depth + 1, err))
			return -1;
	return 0;
}

/* Anything that a file holds may be in it: make it one line. */
static void one_line(char *text)
{
	for (char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = 0;
}

static int failure(struct source *s, const char *extension, struct mfc_error *err)
{
	char text[320];
	if (s->starved)
		return mfc_error_memory(err);
	snprintf(text, sizeof text, "%s", aiGetErrorString());   /* of the whole process */
	one_line(text);
	one_line(s->missing);
	if (strncmp(text, "No suitable reader", 18) == 0)   /* and then the name that we made up */
		return mfc_error_set(err, "not a file of %s", format_of(extension) ? format_of(extension) : "a known format");
	if (*s->missing)
		return mfc_error_set(err, "%s (it asks for \"%s\"; files beside it are not read)", text, s->missing);
	return mfc_error_set(err, "%s", *text ? text : "assimp cannot read it");
}

static const struct aiScene *import(const char *name, struct aiFileIO *io)
{
	struct aiPropertyStore *properties = aiCreatePropertyStore();
	if (!properties)
		return NULL;
	/* Only positions: vertices that differ in something else would stay apart. */
	aiSetImportPropertyInteger(properties, AI_CONFIG_PP_RVC_FLAGS, aiComponent_NORMALS | aiComponent_TANGENTS_AND_BITANGENTS | aiComponent_COLORS |
	    aiComponent_TEXCOORDS | aiComponent_BONEWEIGHTS | aiComponent_ANIMATIONS | aiComponent_TEXTURES | aiComponent_LIGHTS | aiComponent_CAMERAS);
	const struct aiScene *scene = aiImportFileExWithProperties(name, aiProcess_RemoveComponent | aiProcess_Triangulate |
	    aiProcess_JoinIdenticalVertices, io, properties);
	aiReleasePropertyStore(properties);
	return scene;
}

static int read_here(struct mfc_mesh *mesh, const char *data, size_t size, const char *extension, struct mfc_error *err)
{
	const double identity[12] = { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 };
	struct source s = { .data = data, .size = size };
	struct aiFileIO io = { file_open, file_close, (aiUserData)&s };
	snprintf(s.name, sizeof s.name, "mesh.%s", extension);
	for (char *p = s.name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	const struct aiScene *scene = import(s.name, &io);
	if (!scene)
		return failure(&s, extension, err);
	int status = scene->mRootNode ? add_node(mesh, scene, scene->mRootNode, identity, 0, err) : 0;
	aiReleaseImport(scene);
	return status;
}

struct request {
	const char *data, *extension;
	size_t size;
};

/* What the child says before the vertices and triangles. */
struct reply {
	int status;
	size_t vertices, triangles;
	struct mfc_error err;
};

static void serve(void *context)
{
	const struct request *q = context;
	static struct reply r;
	struct mfc_mesh mesh;
	mfc_mesh_init(&mesh);
	mfc_apart_allow(MEMORY(q->size));
	r.status = read_here(&mesh, q->data, q->size, q->extension, &r.err);
	r.vertices = mesh.vertices;
	r.triangles = mesh.triangles;
	mfc_apart_write(&r, sizeof r);
	mfc_apart_write(mesh.position, 3 * mesh.vertices * sizeof *mesh.position);
	mfc_apart_write(mesh.triangle, 3 * mesh.triangles * sizeof *mesh.triangle);
}

static int receive(struct mfc_apart *apart, struct mfc_mesh *mesh, struct mfc_error *err)
{
	struct reply r;
	if (mfc_apart_read(apart, &r, sizeof r, err))
		return -1;
	r.err.message[sizeof r.err.message - 1] = 0;
	if (r.status)   /* memory that it ran out of may be what the file made it want, or its share: the system may have more */
		return mfc_error_set(err, "%s", r.err.message);
	if (r.triangles == 0)
		return mfc_error_set(err, "no triangles");
	if (r.vertices > MAX_MESH / (3 * sizeof *mesh->position) + 1 || r.triangles > MAX_MESH / (3 * sizeof *mesh->triangle) + 1)
		return mfc_error_set(err, "assimp broke on it");
	if (mfc_mesh_more_vertices(mesh, r.vertices, err) || mfc_mesh_more_triangles(mesh, r.triangles, err) ||
	    mfc_apart_read(apart, mesh->position, 3 * r.vertices * sizeof *mesh->position, err) ||
	    mfc_apart_read(apart, mesh->triangle, 3 * r.triangles * sizeof *mesh->triangle, err))
		return -1;
	mesh->vertices = r.vertices;
	mesh->triangles = r.triangles;
	return mfc_mesh_check(mesh, err);
}

int mfc_assimp_read(struct mfc_mesh *mesh, const char *data, size_t size, const char *extension, struct mfc_error *err)
{
	struct request request = { data, extension, size };
	struct mfc_apart *apart;
	if (mfc_apart_begin(&apart, "assimp", -1, serve, &request, err))
		return -1;
	int status = receive(apart, mesh, err);
	mfc_apart_end(apart);
	return status;
}

#endif
