using MaildirQuotaWatcher.Cli;

using var signals = new StopSignals();
return await CommandLine.RunAsync(args, new Verbs(), signals.Token).ConfigureAwait(false);
