#!/usr/bin/perl
# Echo server on Mojolicious: server.pl PORT.
#
# Takes messages up to 64 MiB; pongs, closes and the answers to errors are the library's own. It echoes the octets of a
# text as they came: that an application should look whether they are UTF-8 is nowhere asked for.
use Mojolicious::Lite -signatures;

my $port = shift @ARGV // die "usage: server.pl PORT\n";

# Large enough for the largest message of any case, so that a size limit never hides another answer.
my $limit = 64 << 20;

sub echo ($c) {
  $c->tx->max_websocket_size($limit);
  $c->on(text   => sub ($c, $bytes) { $c->send({text   => $bytes}) });
  $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
}

websocket '/'      => \&echo;
websocket '/*rest' => \&echo;

# Connections that end on purpose would each log a line.
app->log->level('fatal');
app->start('daemon', '--listen', "http://127.0.0.1:$port");
