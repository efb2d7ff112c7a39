# delay.pl DEVICE SECONDS: what is routed into a TUN device comes out of it again so much later. For kernels that are built without netem.
use strict;
use Fcntl;
use Time::HiRes 'time';
my ($device, $delay) = @ARGV;
sysopen(my $tun, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "/dev/net/tun: $!\n";
ioctl($tun, 0x400454ca, pack('a16 S x22', $device, 0x1001)) or die "TUNSETIFF: $!\n";
my @held;
while (1) {
    my $readable = '';
    vec($readable, fileno($tun), 1) = 1;
    my $wait = @held ? $held[0][0] - time : undef;
    select($readable, undef, undef, defined $wait && $wait < 0 ? 0 : $wait);
    while (sysread($tun, my $packet, 65536)) { push @held, [time + $delay, $packet] }
    while (@held && $held[0][0] <= time) { syswrite($tun, (shift @held)->[1]) }
}
