/* Maps an illumos executable, binds its imports, and jumps to its entry. */
#include "model.h"
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Go's illumos port keeps g at %fs:-8, where the last word of an executable's own
 * thread-local block is: this one, the only one of the loader. */
__thread void *volatile go_g;

char loader_path[PATH_MAX], program_path[PATH_MAX];

_Noreturn void die(const char *what, const char *name)
{
	dprintf(2, "illumos loader: %s: %s\n", what, name);
	_exit(126);
}

void die_at(const char *what, long number)
{
	char text[32];
	snprintf(text, sizeof text, "%ld (0x%lx)", number, number);
	die(what, text);
}

/* An illumos executable names illumos' run-time linker. */
int is_illumos_binary(const char *path)
{
	char head[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = pread(fd, head, sizeof head, 0);
	close(fd);
	const Elf64_Ehdr *e = (void *)head;
	if (n < (ssize_t)sizeof *e || memcmp(head, ELFMAG, SELFMAG) ||
	    e->e_phoff + e->e_phnum * sizeof(Elf64_Phdr) > (size_t)n)
		return 0;
	const Elf64_Phdr *p = (void *)(head + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_INTERP && p[i].p_offset + 19 <= (size_t)n)
			return !strncmp(head + p[i].p_offset, "/lib/amd64/ld.so.1", 19);
	return 0;
}

static void unknown(const char *name)
{
	die("a function was called that is not known here", name);
}

/* Room for a few instructions that are made here. */
static unsigned char *code(size_t size)
{
	static unsigned char *page;
	static size_t used;
	if (!page || used + size > 65536) {
		page = mmap(0, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		used = 0;
		if (page == MAP_FAILED)
			die("no memory", "code");
	}
	used += size;
	return page + used - size;
}

/* Instructions that call end(name), so that only a call ends the run. */
static unsigned char *ending(unsigned char *c, const char *name, void (*end)(const char *))
{
	memcpy(c, "\x48\xbf", 2), memcpy(c + 2, &name, 8);      /* mov $name, %rdi */
	memcpy(c + 10, "\x48\xb8", 2), memcpy(c + 12, &end, 8); /* mov $end, %rax */
	memcpy(c + 20, "\xff\xd0", 2);                          /* call *%rax */
	return c;
}

static void misaligned(const char *name)
{
	die("a library was called with a misaligned stack", name);
}

/* Instructions that go on to the function if the stack is as the ABI has it at an
 * entry, 8 above a multiple of 16. They change %r11 alone, which is nobody's. */
static void *checked(const char *name, void *to)
{
	unsigned char *c = code(64);
	memcpy(c, "\x4c\x8d\x5c\x24\x08", 5);                /* lea 8(%rsp), %r11 */
	memcpy(c + 5, "\x41\xf6\xc3\x0f", 4);                /* test $15, %r11b */
	memcpy(c + 9, "\x75\x0d", 2);                        /* jne past the jump */
	memcpy(c + 11, "\x49\xbb", 2), memcpy(c + 13, &to, 8); /* mov $to, %r11 */
	memcpy(c + 21, "\x41\xff\xe3", 3);                   /* jmp *%r11 */
	ending(c + 24, name, misaligned);
	return c;
}

/* Go's own calls reach libc, libsocket and libsendfile with a misaligned stack,
 * which those bear. Nothing is known of any other library, and an executable does
 * not say which function is whose: the names' beginnings do. */
static const char *const careful[] = { "ipadm_" };

/* Instructions that ask the gate first, with the registers of arguments kept, and
 * go on to the function if it lets them. */
static void *gated(const char *name, void *to)
{
	unsigned char *c = code(80), *p = c;
	int (*gate)(const char *) = model_gate;
	long result = -1;
#define PUT(bytes) (memcpy(p, bytes, sizeof bytes - 1), p += sizeof bytes - 1)
#define PUT8(value) (memcpy(p, &value, 8), p += 8)
	PUT("\x57\x56\x52\x51\x41\x50\x41\x51");  /* push %rdi, %rsi, %rdx, %rcx, %r8, %r9 */
	PUT("\x48\xbf"), PUT8(name);               /* mov $name, %rdi */
	PUT("\x48\xb8"), PUT8(gate);               /* mov $gate, %rax */
	PUT("\xff\xd0");                           /* call *%rax */
	PUT("\x41\x59\x41\x58\x59\x5a\x5e\x5f");  /* pop %r9, %r8, %rcx, %rdx, %rsi, %rdi */
	PUT("\x85\xc0\x75\x0d");                   /* test %eax, %eax; jne past the jump */
	PUT("\x49\xbb"), PUT8(to);                 /* mov $to, %r11 */
	PUT("\x41\xff\xe3");                       /* jmp *%r11 */
	PUT("\x83\xf8\x01\x74\x03");               /* cmp $1, %eax; je past the three bytes */
	PUT("\x31\xc0\xc3");                       /* xor %eax, %eax; ret */
	PUT("\x48\xb8"), PUT8(result);             /* mov $-1, %rax */
	PUT("\xc3");                               /* ret */
	return c;
}

static void *function(const char *name)
{
	char ours[128];
	snprintf(ours, sizeof ours, "il_%s", name);
	void *to = dlsym(RTLD_DEFAULT, ours);
	if (!to)
		return ending(code(32), name, unknown);
	if (model_gates(name))
		to = gated(name, to);
	for (size_t i = 0; i < sizeof careful / sizeof *careful; i++)
		if (!strncmp(name, careful[i], strlen(careful[i])))
			return checked(name, to);
	return to;
}

static void bind_imports(const Elf64_Dyn *d)
{
	const Elf64_Sym *symbols = 0;
	const char *names = 0;
	const Elf64_Rela *rela = 0;
	size_t size = 0;
	for (; d->d_tag != DT_NULL; d++)
		switch (d->d_tag) {
		case DT_SYMTAB: symbols = (void *)d->d_un.d_ptr; break;
		case DT_STRTAB: names = (void *)d->d_un.d_ptr; break;
		case DT_JMPREL: rela = (void *)d->d_un.d_ptr; break;
		case DT_PLTRELSZ: size = d->d_un.d_val; break;
		}
	for (size_t i = 0; i < size / sizeof *rela; i++) {
		if (ELF64_R_TYPE(rela[i].r_info) != R_X86_64_JUMP_SLOT)
			die("a relocation that is not known here", "");
		const char *name = names + symbols[ELF64_R_SYM(rela[i].r_info)].st_name;
		*(void **)rela[i].r_offset = function(name);
	}
}

static uintptr_t map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr e;
	Elf64_Phdr p[32];
	if (fd < 0 || pread(fd, &e, sizeof e, 0) != sizeof e || memcmp(&e, ELFMAG, SELFMAG) ||
	    e.e_type != ET_EXEC || e.e_phnum > 32 ||
	    pread(fd, p, e.e_phnum * sizeof *p, e.e_phoff) != (ssize_t)(e.e_phnum * sizeof *p))
		die("not an illumos executable", path);
	/* illumos: usr/src/uts/common/brand/lx/os/lx_brand.c, lx_native_exec */
	if (*model->nroot && e.e_ident[EI_OSABI] != ELFOSABI_SOLARIS)
		die("an LX zone takes it for a program of Linux's", path);
	const Elf64_Dyn *dynamic = 0;
	for (int i = 0; i < e.e_phnum; i++) {
		if (p[i].p_type == PT_DYNAMIC)
			dynamic = (void *)p[i].p_vaddr;
		if (p[i].p_type != PT_LOAD)
			continue;
		uintptr_t from = p[i].p_vaddr & ~4095ul, to = (p[i].p_vaddr + p[i].p_memsz + 4095) & ~4095ul;
		if (mmap((void *)from, to - from, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)from)
			die("its addresses are taken", path);
		/* The file's pages as they are needed, and zeros behind its end. */
		uintptr_t end = p[i].p_vaddr + p[i].p_filesz, zeros = (end + 4095) & ~4095ul;
		if (p[i].p_filesz && mmap((void *)from, end - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
					  p[i].p_offset - (p[i].p_vaddr - from)) != (void *)from)
			die("cannot be mapped", path);
		if (p[i].p_memsz > p[i].p_filesz && p[i].p_filesz)
			memset((void *)end, 0, zeros - end);
	}
	close(fd);
	if (!dynamic)
		die("has no dynamic section", path);
	bind_imports(dynamic);
	for (int i = 0; i < e.e_phnum; i++)
		if (p[i].p_type == PT_LOAD) {
			uintptr_t from = p[i].p_vaddr & ~4095ul, to = (p[i].p_vaddr + p[i].p_memsz + 4095) & ~4095ul;
			int f = p[i].p_flags;
			mprotect((void *)from, to - from,
				 (f & PF_R ? PROT_READ : 0) | (f & PF_W ? PROT_WRITE : 0) | (f & PF_X ? PROT_EXEC : 0));
		}
	return e.e_entry;
}

/* The main of a program that the loader plays where its file has that name: none
 * for its own name. */
static void *stand_in(const char *name)
{
	char ours[128];
	snprintf(ours, sizeof ours, "stand_in_%s", name);
	for (char *c = ours; *c; c++)
		if (*c == '.')
			*c = '_';
	return dlsym(RTLD_DEFAULT, ours);
}

int main(int argc, char **argv, char **envp)
{
	uintptr_t fs;
	__asm__("mov %%fs:0, %0" : "=r"(fs));
	if ((uintptr_t)&go_g != fs - 8)
		die("the thread-local word is not where Go looks for g", "");
	ssize_t n = readlink("/proc/self/exe", loader_path, sizeof loader_path - 1);
	if (n < 0)
		die("needs /proc", "");
	int (*play)(int, char **) = stand_in(argv[0]);
	if (play)
		return play(argc, argv);
	if (argc > 1 && !strncmp(argv[1], "--", 2))
		return model_command(argc, argv);
	if (argc < 2)
		die("usage", "loader PROGRAM [ARGUMENT]...");
	model_attach();
	const char *program = argv[1];
	char **args = argv + 1;
	if (!strcmp(argv[0], "illumos-execve") && argc > 3) /* il_execve's: path, children, the whole argv */
		take_children(argv[2]), args = argv + 3;
	uintptr_t entry = map(program);
	model_started(program);

	size_t count = 0, env = 0, size = 8ul << 20;
	while (args[count]) count++;
	while (envp[env]) env++;
	char *stack = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED)
		die("no memory", "stack");
	if (!realpath(program, program_path))
		snprintf(program_path, sizeof program_path, "%s", program);
	uint64_t *top = (uint64_t *)(stack + size), *sp = top - (count + env + 17);
	sp = (uint64_t *)((uintptr_t)sp & ~15ul);
	uint64_t *w = sp;
	*w++ = count;
	for (size_t i = 0; i < count; i++) *w++ = (uintptr_t)args[i];
	*w++ = 0;
	for (size_t i = 0; i < env; i++) *w++ = (uintptr_t)envp[i];
	const char *coverage = model_coverage();
	if (coverage)
		*w++ = (uintptr_t)coverage;
	*w++ = 0;
	*w++ = IL_AT_PAGESZ, *w++ = 4096;
	*w++ = IL_AT_SUN_EXECNAME, *w++ = (uintptr_t)program_path;
	*w++ = IL_AT_NULL, *w++ = 0;
	__asm__ volatile("mov %0, %%rsp; xor %%ebp, %%ebp; xor %%edx, %%edx; jmp *%1" ::"r"(sp), "r"(entry));
	__builtin_unreachable();
}
