# Draws limits.png and growth.png from limits.tsv and growth.tsv. Call, in this folder: gnuplot plot.gnuplot
# (Debian: gnuplot-nox)
set terminal pngcairo size 1200,640 noenhanced font "sans,10"
set datafile separator "\t"
set datafile missing "-"
set style fill solid 0.8
set grid ytics

# How much longer ours takes than theirs, row by row.
set output "limits.png"
set title "time of ours / time of theirs (C programs: the machine's limit; or the peer named), same work, medians; 1 = level"
set boxwidth 0.6
set logscale y
set yrange [0.05:*]
set xtics rotate by -50 font "sans,8"
set bmargin 14
set rmargin 16
set key off
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lw 2 lc rgb "#c04040" front
plot "limits.tsv" every ::1 using ($0):(strcol(2) eq "C" ? $6 : NaN):xtic(strcol(1)." / ".strcol(2)) with boxes lc rgb "#4070a0", \
     "" every ::1 using ($0):(strcol(2) eq "C" ? NaN : $6) with boxes lc rgb "#70a060", \
     "" every ::1 using ($0):6:(sprintf("%.2f", $6)) with labels offset 0,0.6 font "sans,8"

# What more mailboxes cost. Straight and parallel to the dotted line is linear.
reset session
set terminal pngcairo size 1000,640 noenhanced font "sans,11"
set datafile separator "\t"
set datafile missing "-"
set output "growth.png"
set title "the running daemon, 12 message directories a mailbox"
set logscale xy
set grid
set key outside right
set xlabel "mailboxes"
set ylabel "seconds, megabytes, milliseconds"
set format x "%.0f"
plot "growth.tsv" every ::1 using 1:3 smooth unique with linespoints title "start, s", \
     "" every ::1 using 1:4 smooth unique with linespoints title "restart, s", \
     "" every ::1 using 1:5 smooth unique with linespoints title "cold start, s", \
     "" every ::1 using 1:6 smooth unique with linespoints title "cold restart, s", \
     "" every ::1 using 1:8 smooth unique with linespoints title "RSS, MB", \
     "" every ::1 using 1:14 smooth unique with linespoints title "change to correct, p50, ms", \
     "" every ::1 using 1:15 smooth unique with linespoints title "change to correct, p99, ms", \
     "" every ::1 using 1:($1/1000) smooth unique with lines dashtype 3 lc rgb "#888888" title "linear"
