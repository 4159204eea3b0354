/* ioctl: terminals (sys/termios.h), and what is common to all descriptors (sys/filio.h). */
#include "model.h"
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define B(name) { IL_##name, name }
struct bits { uint32_t il, host; };
static const struct bits
	in[] = { B(IGNBRK), B(BRKINT), B(IGNPAR), B(PARMRK), B(INPCK), B(ISTRIP), B(INLCR), B(IGNCR), B(ICRNL), B(IUCLC),
		 B(IXON), B(IXANY), B(IXOFF), B(IMAXBEL) },
	out[] = { B(OPOST), B(OLCUC), B(ONLCR), B(OCRNL), B(ONOCR), B(ONLRET), B(OFILL), B(OFDEL) },
	local[] = { B(ISIG), B(ICANON), B(XCASE), B(ECHO), B(ECHOE), B(ECHOK), B(ECHONL), B(NOFLSH), B(TOSTOP), B(ECHOCTL),
		    B(ECHOPRT), B(ECHOKE), B(FLUSHO), B(PENDIN), B(IEXTEN) };
_Static_assert(IL_CSIZE == CSIZE && IL_CSTOPB == CSTOPB && IL_CREAD == CREAD && IL_PARENB == PARENB &&
	       IL_PARODD == PARODD && IL_HUPCL == HUPCL && IL_CLOCAL == CLOCAL, "c_cflag");
enum { CONTROL = CSIZE | CSTOPB | CREAD | PARENB | PARODD | HUPCL | CLOCAL, SPEED = 0xf };

#define C(name) { IL_##name, name }
static const unsigned char characters[][2] = {
	C(VINTR), C(VQUIT), C(VERASE), C(VKILL), C(VEOL2), C(VSTART), C(VSTOP), C(VSUSP), C(VREPRINT), C(VDISCARD),
	C(VWERASE), C(VLNEXT),
};

#define COUNT(a) (sizeof a / sizeof *a)
static uint32_t from(const struct bits *b, size_t n, uint32_t l)
{
	uint32_t t = 0;
	for (size_t i = 0; i < n; i++)
		if (l & b[i].host) t |= b[i].il;
	return t;
}

static uint32_t to(const struct bits *b, size_t n, uint32_t t)
{
	uint32_t l = 0;
	for (size_t i = 0; i < n; i++)
		if (t & b[i].il) l |= b[i].host;
	return l;
}

static void from_linux(const struct termios *l, struct il_termios *t)
{
	memset(t, 0, sizeof *t);
	t->iflag = from(in, COUNT(in), l->c_iflag);
	t->oflag = from(out, COUNT(out), l->c_oflag);
	t->lflag = from(local, COUNT(local), l->c_lflag);
	t->cflag = l->c_cflag & (CONTROL | SPEED);
	for (size_t i = 0; i < COUNT(characters); i++)
		t->cc[characters[i][0]] = l->c_cc[characters[i][1]];
	if (t->lflag & IL_ICANON) /* there VMIN and VTIME lie on VEOF and VEOL */
		t->cc[IL_VEOF] = l->c_cc[VEOF], t->cc[IL_VEOL] = l->c_cc[VEOL];
	else
		t->cc[IL_VMIN] = l->c_cc[VMIN], t->cc[IL_VTIME] = l->c_cc[VTIME];
}

static void to_linux(const struct il_termios *t, struct termios *l)
{
	l->c_iflag = to(in, COUNT(in), t->iflag);
	l->c_oflag = to(out, COUNT(out), t->oflag);
	l->c_lflag = to(local, COUNT(local), t->lflag);
	l->c_cflag = (l->c_cflag & ~CONTROL) | (t->cflag & CONTROL); /* the speed is as it is */
	for (size_t i = 0; i < COUNT(characters); i++)
		l->c_cc[characters[i][1]] = t->cc[characters[i][0]];
	if (t->lflag & IL_ICANON)
		l->c_cc[VEOF] = t->cc[IL_VEOF], l->c_cc[VEOL] = t->cc[IL_VEOL];
	else
		l->c_cc[VMIN] = t->cc[IL_VMIN], l->c_cc[VTIME] = t->cc[IL_VTIME];
}

long il_ioctl(int fd, unsigned request, void *arg)
{
	struct termios l;
	long r = model_ioctl(fd, request, arg);
	if (r != NOT_MODELLED || (model_is_zone ? net_ioctl : interfaces_ioctl)(fd, request, arg, &r))
		return r;
	switch (request) {
	case IL_TCGETS:
		if (tcgetattr(fd, &l))
			return il_fail(errno);
		from_linux(&l, arg);
		return 0;
	case IL_TCSETS: case IL_TCSETSW: case IL_TCSETSF:
		if (tcgetattr(fd, &l))
			return il_fail(errno);
		to_linux(arg, &l);
		return il_result(tcsetattr(fd, request == IL_TCSETS ? TCSANOW : request == IL_TCSETSW ? TCSADRAIN : TCSAFLUSH, &l));
	case IL_TIOCGWINSZ: return il_result(ioctl(fd, TIOCGWINSZ, arg));
	case IL_TIOCSWINSZ: return il_result(ioctl(fd, TIOCSWINSZ, arg));
	case IL_TIOCSCTTY: MODEL_FAULT("TIOCSCTTY"); return il_result(ioctl(fd, TIOCSCTTY, 0));
	case IL_TIOCNOTTY: return il_result(ioctl(fd, TIOCNOTTY, 0));
	case IL_TIOCGPGRP: return il_result(ioctl(fd, TIOCGPGRP, arg));
	case IL_TIOCSPGRP: MODEL_FAULT("TIOCSPGRP"); return il_result(ioctl(fd, TIOCSPGRP, arg));
	case IL_TIOCGSID: return il_result(ioctl(fd, TIOCGSID, arg));
	case IL_FIONBIO: return il_result(ioctl(fd, FIONBIO, arg));
	case IL_FIONREAD: return il_result(ioctl(fd, FIONREAD, arg));
	}
	die_at("an ioctl that is not known here", request);
}
