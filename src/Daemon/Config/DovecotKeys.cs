using System.Globalization;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// Dovecot's quota settings that have no meaning here: those of 2.3 stand in many a <c>plugin { }</c> that is pasted
/// and do no harm, those of 2.4 are errors that name what to write. Source: Dovecot's quota plugin, 2.3.19 and 2.4.
/// </summary>
internal static class DovecotKeys
{
    private const string WhereCommands = "a command stands with its words in the line of its warning, "
        + "quota_warning = storage=80% quota-warning 80 %u, or of quota_over_script";
    private const string NoWord = "Dovecot 2.4's, and there is no word for it here; remove it";

    /// <summary>
    /// Why a setting of 2.3 is left out here, for people; null for any other key.
    /// </summary>
    /// <param name="word">As in <see cref="QuotaKey.Word"/>.</param>
    public static string? WhyLeftOut(string word) => word switch
    {
        "status_success" or "status_overquota" or "status_toolarge" or "status_nouser" =>
            "answers of Dovecot's quota-status service, which is not done here yet",
        "vsizes" => "not needed here: sizes are as stored, which is what maildirsize holds",
        "over_flag_lazy_check" => "not needed here: the flag is compared at every change",
        "clone_dict" or "clone_unset" => "usage is not published here yet; Dovecot goes on doing it",
        "set" => "not needed here: limits are changed in the configuration and its sources",
        "full_tempfail" => "what a refused sender is told is Dovecot's to say",
        _ => null,
    };

    /// <summary>What of 2.4 is to be written in another way, and how; null for any other key.</summary>
    /// <param name="word">As in <see cref="QuotaKey.Word"/>.</param>
    /// <param name="value">As written.</param>
    public static string? CureOf(string word, string value) => word switch
    {
        "storage_size" => Write($"quota_rule = *:bytes={value}"),
        "message_count" => Write($"quota_rule = *:messages={value}"),
        "mail_size" => Write($"quota_max_mail_size = {value}"),
        "storage_grace" => Write($"quota_grace = {value}"),
        "storage_extra" => Write($"quota_rule2 = FOLDER:bytes=+{value}"),
        "storage_percentage" => Write($"quota_rule2 = FOLDER:storage={Percent(value)}", Threshold("storage", value)),
        "message_percentage" => Write($"quota_rule2 = FOLDER:messages={Percent(value)}", Threshold("messages", value)),
        "ignore" => Write("quota_rule2 = FOLDER:ignore"),
        "ignore_unlimited" => Write("quota = maildir:User quota:ignoreunlimited"),
        "hidden" => Write("quota = maildir:User quota:hidden"),
        "enforce" => Write("quota = maildir:User quota:noenforcing"),
        "driver" => Write("quota = maildir:User quota"),
        "args" => "Dovecot 2.4's; " + WhereCommands,
        "over_status_mask" => Write($"quota_over_flag_value = {value}"),
        "over_status_current" => "Dovecot 2.4's; let a source give the field quota_over_flag",
        "over_status_lazy_check" => "Dovecot 2.4's; not needed here, remove it",
        "mailbox_count" or "mailbox_message_count" => NoWord,
        _ => null,
    };

    /// <summary>What to write for a line that opens or closes a block, as <c>mailbox Trash {</c>.</summary>
    public static string CureOfBlock(string line) => line.Split(' ', 2)[0] switch
    {
        "mailbox" => "rules of a folder are written quota_rule2 = FOLDER:storage=+10% or FOLDER:ignore, below [quota]",
        "warning" => "a warning is written quota_warning = storage=80% /path/to/command, below [quota]",
        "execute" => WhereCommands,
        "quota" => "a quota root is written quota = maildir:User quota, below [quota]",
        "quota_over_status" => "write quota_over_flag_value and quota_over_script, below [quota]",
        _ => "settings of Dovecot stand here without their block: leave out plugin { and }, and put the lines between "
            + "them below [quota]",
    };

    private static string Write(string line, string? inWarning = null) =>
        $"Dovecot 2.4's; write {line}" + (inWarning is null ? "" : $", or in a warning {inWarning}");

    /// <summary>2.4 gives the whole, 110; a rule what is added.</summary>
    private static string Percent(string value) => Number(value) is { } whole
        ? string.Create(CultureInfo.InvariantCulture, $"{(whole < 100 ? "" : "+")}{whole - 100}%")
        : "+10%";

    private static string Threshold(string resource, string value) =>
        $"quota_warning = {resource}={Number(value) ?? 80}% /path/to/command";

    private static int? Number(string value) =>
        int.TryParse(value.TrimEnd('%', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
