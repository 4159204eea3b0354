/* What sockets.c and messages.c share. */
#pragma once
#include <sys/socket.h>

const struct sockaddr *address_to_linux(const void *, socklen_t *size, struct sockaddr_storage *room);
void address_from_linux(struct sockaddr_storage *, socklen_t size, void *to, socklen_t *room);
int message_flags_to_linux(int), message_flags_from_linux(int);
