# Draws limits.png from limits.tsv: how much longer ours takes than C for each piece of work. Call: gnuplot plot.gnuplot
set terminal pngcairo size 900,420 noenhanced font "sans,11"
set output "limits.png"
set datafile separator "\t"
set title "time of ours / time of C, same work, medians (1 = the machine's limit)"
set style fill solid 0.8
set boxwidth 0.55
set yrange [0:*]
set grid ytics
set xtics rotate by -20
set key off
set arrow from graph 0, first 1 to graph 1, first 1 nohead lw 2 lc rgb "#c04040" front
plot "limits.tsv" using 0:4:xtic(1) with boxes lc rgb "#4070a0", \
     "" using 0:4:(sprintf("%.2f", $4)) with labels offset 0,0.7
